//! Values: what goes in comes out, or an error does.
use super::{Subject, wait, with_table};
use crate::{FromColumn, StoreError, Value};
use suki_types::{AccountId, CommitId, ConversationId, DeviceId, Env, MessageId, OperatorId, Phone, Timestamp};

fn column_for(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null | Value::Int(_) | Value::Unsigned(_) => "n",
        Value::Text(_) => "s",
        Value::Blob(_) => "b",
    }
}

/// Stores a value and reads it as a `T`.
fn through<T: FromColumn + Send + 'static, O: Send + Sync + 'static>(
    subject: &Subject,
    owned: O,
    value: impl Fn(&O) -> Value<'_> + Send + 'static,
) -> Result<T, StoreError> {
    wait(subject.db.write(move |tx| {
        let value = value(&owned);
        let column = column_for(&value);
        tx.execute("DELETE FROM t", &[])?;
        tx.execute(&format!("INSERT INTO t (id, {column}) VALUES (1, ?1)"), &[value])?;
        tx.query_one(&format!("SELECT {column} FROM t WHERE id = ?1"), &[1_i64.into()], |row| row.get(0))
    }))
}

fn same<T>(subject: &Subject, value: T, as_value: impl Fn(&T) -> Value<'_> + Send + 'static)
where
    T: FromColumn + Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static,
{
    assert_eq!(through(subject, value.clone(), as_value), Ok(value));
}

macro_rules! same_ids {
    ($subject:expr, $env:expr, $($id:ty),*) => {$( same($subject, <$id>::new($env), |id| id.into()); )*};
}

/// Numbers to their ends, text of all scripts, bytes up to a megabyte, ids and times.
pub fn every_type_comes_back(subject: Subject) {
    with_table(&subject);
    let subject = &subject;
    for number in [0, 1, -1, i64::MAX, i64::MIN, i64::from(i32::MAX) + 1] {
        same(subject, number, |n| (*n).into());
        same(subject, Timestamp::from_millis(number), |at| (*at).into());
    }
    same(subject, i64::MAX as u64, |n| (*n).into());
    same(subject, u32::MAX, |n| (*n).into());
    same(subject, i32::MIN, |n| (*n).into());
    same(subject, true, |flag| (*flag).into());
    same(subject, false, |flag| (*flag).into());
    for text in ["", "o'clock \"?1\" $1", "অর্ডার কোথায়", "أين طلبي؟", "🧾 zażółć gęślą jaźń", "\u{1}\n\t\u{10FFFF}"]
    {
        same(subject, text.to_owned(), |text| text.into());
    }
    for bytes in [vec![], vec![0], vec![0, 255, 39, 92], vec![7; 1 << 20]] {
        same(subject, bytes, |bytes| bytes.into());
    }
    same(subject, [9_u8; 32], |bytes| bytes.into());
    same(subject, Phone::test(7), |phone| phone.into());
    same_ids!(subject, &Env::for_tests(3), AccountId, DeviceId, ConversationId, MessageId, CommitId, OperatorId);
    same(subject, None::<i64>, |none| (*none).into());
    same(subject, Some(5_i64), |some| (*some).into());
    same(subject, Some("text".to_owned()), |some| some.as_deref().into());
}

/// Never a panic, never a value that is made to fit.
pub fn wrong_types_are_errors(subject: Subject) {
    with_table(&subject);
    fn corrupt<T: FromColumn + std::fmt::Debug + Send + 'static>(subject: &Subject, value: Value<'static>) {
        let read = through::<T, _>(subject, value, |value| *value);
        assert!(matches!(read, Err(StoreError::Corrupt(_))), "{} from {value:?}: {read:?}", std::any::type_name::<T>());
    }
    let subject = &subject;
    corrupt::<i64>(subject, Value::Null);
    corrupt::<String>(subject, Value::Null);
    corrupt::<Vec<u8>>(subject, Value::Null);
    corrupt::<DeviceId>(subject, Value::Null);
    corrupt::<i64>(subject, Value::Text("1"));
    corrupt::<i64>(subject, Value::Blob(b"1"));
    corrupt::<bool>(subject, Value::Int(2));
    corrupt::<u64>(subject, Value::Int(-1));
    corrupt::<i32>(subject, Value::Int(1 << 40));
    corrupt::<String>(subject, Value::Blob(b"text"));
    corrupt::<Vec<u8>>(subject, Value::Text("bytes"));
    corrupt::<[u8; 3]>(subject, Value::Blob(b"four"));
    corrupt::<DeviceId>(subject, Value::Blob(b"short"));
    corrupt::<Phone>(subject, Value::Text("no number"));
    corrupt::<Option<i64>>(subject, Value::Text("1"));
    let beyond = wait(subject.db.read(|tx| tx.query_one("SELECT count(*) FROM t", &[], |row| row.get::<i64>(1))));
    assert!(matches!(beyond, Err(StoreError::Corrupt(_))), "{beyond:?}");
    let wrong_column = wait(subject.db.write(|tx| tx.execute("INSERT INTO t (id, n) VALUES (1, ?1)", &["x".into()])));
    assert!(matches!(wrong_column, Err(StoreError::Constraint(_) | StoreError::Statement(_))), "{wrong_column:?}");
}

/// A number above 2^63 - 1, a text with U+0000, and the wrong count of parameters.
pub fn what_cannot_be_kept_is_refused_alike(subject: Subject) {
    let db = with_table(&subject);
    let outcome = wait(db.write(|tx| {
        let insert = "INSERT INTO t (id, n, s) VALUES (?1, ?2, ?3)";
        assert_eq!(tx.execute(insert, &[1_i64.into(), u64::MAX.into(), "".into()]), Err(StoreError::OutOfRange));
        let zero = tx.execute(insert, &[1_i64.into(), 1_i64.into(), "a\0b".into()]);
        assert!(matches!(zero, Err(StoreError::Constraint(_))), "{zero:?}");
        tx.execute(insert, &[1_i64.into(), 1_i64.into(), "ab".into()])
    }));
    assert_eq!(outcome, Ok(1), "a value that cannot be bound leaves the unit as it is");
    for params in [&[][..], &[Value::Int(1)], &[Value::Int(1), Value::Int(1), Value::Int(1)]] {
        let params = params.to_vec();
        let outcome = wait(db.read(move |tx| tx.query_opt("SELECT id FROM t WHERE id = ?1 AND n = ?2", &params, |row| row.get::<i64>(0))));
        assert!(matches!(outcome, Err(StoreError::Statement(_))), "{outcome:?}");
    }
}

/// Many rows, one, none; numbers that an engine makes itself; an error of the reader's own.
pub fn questions_of_all_shapes(subject: Subject) {
    let db = with_table(&subject);
    wait(db.write(|tx| {
        for id in 1..=3_i64 {
            tx.execute("INSERT INTO t (id, n) VALUES (?1, ?2)", &[id.into(), (id * 10).into()])?;
        }
        assert_eq!(tx.query_opt("SELECT id FROM t ORDER BY id DESC", &[], |row| row.get::<i64>(0))?, Some(3));
        assert_eq!(tx.query_opt("SELECT id FROM t WHERE id > ?1", &[3_i64.into()], |row| row.get::<i64>(0))?, None);
        assert_eq!(tx.query_one("SELECT id FROM t WHERE id = 4", &[], |row| row.get::<i64>(0)), Err(StoreError::NotFound));
        assert_eq!(tx.query_one("SELECT sum(n), coalesce(sum(id), 0) FROM t", &[], |row| Ok((row.get(0)?, row.get(1)?)))?, (60_i64, 6_u64));
        assert!(tx.query_one("SELECT EXISTS (SELECT 1 FROM t WHERE id = ?1)", &[2_i64.into()], |row| row.get::<bool>(0))?);
        assert!(!tx.query_one("SELECT n > 100 FROM t WHERE id = 1", &[], |row| row.get::<bool>(0))?);
        let refused = tx.query("SELECT id FROM t", &[], |_| Err::<(), _>(StoreError::OutOfRange));
        assert_eq!(refused, Err(StoreError::OutOfRange));
        let page =
            tx.query("SELECT id FROM t WHERE (n, id) > (?1, ?2) ORDER BY n, id LIMIT ?3", &[10_i64.into(), 1_i64.into(), 1_i64.into()], |row| {
                row.get::<i64>(0)
            })?;
        assert_eq!(page, [2]);
        Ok::<_, StoreError>(())
    }))
    .unwrap();
}

/// By insertion, conflict, update and deletion; and an answer from a change.
pub fn rows_changed_are_counted(subject: Subject) {
    let db = with_table(&subject);
    wait(db.write(|tx| {
        assert_eq!(tx.execute("INSERT INTO t (id, n) VALUES (1, 1), (2, 2)", &[])?, 2);
        assert_eq!(tx.execute("INSERT INTO t (id, n) VALUES (1, 1) ON CONFLICT (id) DO NOTHING", &[])?, 0);
        let upsert = "INSERT INTO t (id, n) VALUES (?1, 1) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n RETURNING n";
        assert_eq!(tx.query_one(upsert, &[2_i64.into()], |row| row.get::<i64>(0))?, 3);
        assert_eq!(tx.execute("UPDATE t SET n = 9 WHERE n > ?1", &[0_i64.into()])?, 2);
        assert_eq!(tx.query("DELETE FROM t WHERE n = 9 RETURNING id", &[], |row| row.get::<i64>(0))?.len(), 2);
        assert_eq!(tx.execute("DELETE FROM t", &[])?, 0);
        Ok::<_, StoreError>(())
    }))
    .unwrap();
}
