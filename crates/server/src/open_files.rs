//! How many files and sockets this process may have open.
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is assumed where the system sets no limit.
const WITHOUT_LIMIT: usize = 1_048_576;

/// Raises the limit as far as the system lets this process; many systems begin with 1,024, which a thousand devices would use up. Says how many there may
/// be from then on.
pub fn raise() -> usize {
    let now = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: now.maximum, maximum: now.maximum };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => now.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            now.current
        }
    };
    current.map_or(WITHOUT_LIMIT, |current| usize::try_from(current).unwrap_or(WITHOUT_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_raised_to_what_is_allowed() {
        let allowed = getrlimit(Resource::Nofile).maximum;
        assert_eq!(Some(raise() as u64), allowed.or(Some(WITHOUT_LIMIT as u64)));
        assert_eq!(getrlimit(Resource::Nofile).current, allowed);
    }
}
