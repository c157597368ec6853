//! Alarms on the way to their time.

use super::super::{Stores, Verdict, ensure, why};
use super::steps::{FENCE, alarm, commit, created, new};
use crate::actor::Address;
use crate::store::{Commit, Due, Open, Record};

/// Alarms come by time and then in the order of their making, without those that ended or were given up.
///
/// # Errors
/// What was seen instead.
pub async fn due_in_order(nodes: &Stores) -> Verdict {
    let (first, last) = (nodes.first(), nodes.last());
    // So that the order of ids is not that of rows.
    let a = created(first, Open::FindOrCreate(Address::keyed("clock", "a"), new("zz"))).await?;
    let b = created(first, Open::FindOrCreate(Address::keyed("clock", "b"), new("aa"))).await?;
    let with = |record: &Record, version, alarms: &[(u64, u64)]| {
        let mut commit = Commit::of(record, FENCE, version);
        commit.alarms = alarms.iter().map(|(number, due)| alarm(*number, *due)).collect();
        commit
    };
    commit(first, with(&a, 0, &[(9, 500), (1, 500), (2, 300)])).await?;
    commit(last, with(&b, 0, &[(1, 500), (2, 900), (3, 0)])).await?;
    commit(first, with(&a, 1, &[(4, 500), (5, i64::MAX.unsigned_abs())])).await?;
    let whole =
        [(&b, 3, 0), (&a, 2, 300), (&a, 9, 500), (&a, 1, 500), (&b, 1, 500), (&a, 4, 500), (&b, 2, 900)];
    for (until, n, expected) in [
        (0, 100, 1),
        (299, 100, 1),
        (300, 100, 2),
        (499, 100, 2),
        (500, 100, 6),
        (500, 4, 4),
        (900, 100, 7),
        (i64::MAX.unsigned_abs() - 1, 100, 7),
        (i64::MAX.unsigned_abs(), 0, 0),
    ] {
        expect(nodes, until, n, &whole[..expected]).await?;
    }
    let mut changed = with(&a, 2, &[(1, 950), (4, 100), (2, 300)]);
    changed.alarms[2].failures = 2;
    changed.alarms_ended = vec![9];
    commit(last, changed).await?;
    expect(
        nodes,
        1_000,
        100,
        &[(&b, 3, 0), (&a, 4, 100), (&a, 2, 300), (&b, 1, 500), (&b, 2, 900), (&a, 1, 950)],
    )
    .await?;
    let mut given_up = with(&b, 1, &[(1, 500), (2, 900)]);
    given_up.alarms[0].given_up = true;
    commit(first, given_up).await?;
    expect(nodes, 1_000, 100, &[(&b, 3, 0), (&a, 4, 100), (&a, 2, 300), (&b, 2, 900), (&a, 1, 950)]).await?;
    commit(first, Commit { destroys: true, ..Commit::of(&a, FENCE, 3) }).await?;
    expect(nodes, i64::MAX.unsigned_abs(), 100, &[(&b, 3, 0), (&b, 2, 900)]).await
}

async fn expect(nodes: &Stores, until: u64, n: usize, expected: &[(&Record, u64, u64)]) -> Verdict {
    for node in &nodes.all {
        let due: Vec<Due> = node.due(until, n).await.map_err(why)?;
        let seen: Vec<_> = due.iter().map(|due| (due.actor.as_str(), due.number, due.due)).collect();
        let expected: Vec<_> =
            expected.iter().map(|(of, number, due)| (of.id.as_str(), *number, *due)).collect();
        ensure!(seen == expected, "{n} until {until} should be {expected:?}, not {seen:?}");
        let in_order =
            due.windows(2).all(|two| (two[0].due, two[0].sequence) < (two[1].due, two[1].sequence));
        ensure!(in_order, "numbers are not in the order of what is due: {due:?}");
    }
    Ok(())
}
