//! Past one machine: every table of both planes goes from one engine to the other (issue "Past one machine", "Moving up").
use suki_server::storage::Plane;
use suki_store::{
    Migration,
    testing::{self, Place},
    transfer::{self, Moved, TransferError},
};

fn migrations(plane: Plane) -> Vec<Migration> {
    match plane {
        Plane::Network => suki_network::migrations(),
        Plane::Endpoint => suki_endpoint::MIGRATIONS.to_vec(),
    }
}

/// A place of the test's as a move names it.
fn place(place: &Place) -> transfer::Place {
    match place {
        Place::Sqlite(path) => transfer::Place::Sqlite(path.clone()),
        Place::Postgres(options) => {
            transfer::Place::Postgres { url: testing::postgres_url().to_owned(), schema: options.schema.clone().expect("its own schema") }
        }
    }
}

fn moved(plane: Plane, from: &Place, to: &Place) -> Result<Moved, TransferError> {
    transfer::run(&place(from), &place(to), &migrations(plane), &mut |_| ())
}

/// Every table of both planes is carried, or said to be left: a new table that differs between the engines, or that its migration fills, fails here.
#[test]
fn no_table_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    for (plane, least) in [(Plane::Network, 60), (Plane::Endpoint, 40)] {
        let fresh = Place::Sqlite(folder.path().join(plane.file_name()));
        let db = fresh.open();
        db.migrate(&migrations(plane)).expect("the migrations apply");
        drop(db);
        let there = Place::Postgres(testing::postgres_options());
        let empty = moved(plane, &fresh, &there).expect("nothing differs that is not described");
        assert!(empty.tables >= least && empty.sum.rows == 0, "{empty:?}");
        let back = Place::Sqlite(folder.path().join(format!("back-{}", plane.file_name())));
        assert_eq!(moved(plane, &there, &back).expect("nor on the way back"), empty);
    }
}
