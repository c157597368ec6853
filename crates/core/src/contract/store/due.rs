//! Alarms on the way to their time.

use super::super::{Stores, Verdict, ensure, why};
use super::steps::{FENCE, alarm, commit, created, due, new};
use crate::actor::Address;
use crate::store::{Commit, Due, Open, Record};

/// Alarms come by time and then in the order of their making, without those that ended or were given up; page by page each
/// comes once, also if others come and go meanwhile.
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
    for page in [1, 3, 5] {
        expect_pages(nodes, page, &whole).await?;
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
    let second = due(first).await?[1].place();
    let behind = first.due(second, 1_000, 2).await.map_err(why)?;
    commit(last, with(&b, 1, &[(3, 0), (7, 50), (8, 100)])).await?;
    let changed = first.due(second, 1_000, 3).await.map_err(why)?;
    ensure!(
        changed[1..] == behind && (&changed[0].actor, changed[0].number) == (&b.id, 8),
        "behind {second:?} there should be a new one and {behind:?}, not {changed:?}"
    );
    let ended = Commit { alarms_ended: vec![7, 8], ..Commit::of(&b, FENCE, 2) };
    commit(last, ended).await?;
    let mut given_up = with(&b, 3, &[(1, 500), (2, 900)]);
    given_up.alarms[0].given_up = true;
    commit(first, given_up).await?;
    expect(nodes, 1_000, 100, &[(&b, 3, 0), (&a, 4, 100), (&a, 2, 300), (&b, 2, 900), (&a, 1, 950)]).await?;
    commit(first, Commit { destroys: true, ..Commit::of(&a, FENCE, 3) }).await?;
    expect(nodes, i64::MAX.unsigned_abs(), 100, &[(&b, 3, 0), (&b, 2, 900)]).await
}

/// The same page by page, without the last, which is due at the end of time.
async fn expect_pages(nodes: &Stores, page: usize, expected: &[(&Record, u64, u64)]) -> Verdict {
    for node in &nodes.all {
        let (mut seen, mut after) = (Vec::new(), (0, 0));
        while let due = node.due(after, 1_000, page).await.map_err(why)?
            && let Some(last) = due.last()
            && seen.len() <= expected.len()
        {
            after = last.place();
            seen.extend(due.into_iter().map(|due| (due.actor, due.number, due.due)));
        }
        let expected: Vec<_> =
            expected.iter().map(|(of, number, due)| (of.id.clone(), *number, *due)).collect();
        ensure!(seen == expected, "in pages of {page} there should be {expected:?}, not {seen:?}");
    }
    Ok(())
}

async fn expect(nodes: &Stores, until: u64, n: usize, expected: &[(&Record, u64, u64)]) -> Verdict {
    for node in &nodes.all {
        let due: Vec<Due> = node.due((0, 0), until, n).await.map_err(why)?;
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
