//! The list of rooms when several nodes change it at the same moment: in the end all tables are as the list is, and nobody
//! is left in a room that is not there.

mod kit;

use kit::engine::{look_again, soon, two_plain, unknown};
use kit::settle;

#[tokio::test]
async fn of_two_nodes_that_remove_a_room_neither_keeps_it() {
    let [a, b] = two_plain().await;
    assert!(b.node.room("den").add().await.expect("the engine is there"));
    look_again(&a).await;
    assert!(a.node.room("den").exists());
    // Ours has said goodbye as late as the other one has removed it, and we have heard of that.
    let gate = a.access.says.hold();
    let den = a.node.room("den");
    let removing = tokio::spawn(async move { den.remove().await });
    settle().await;
    a.access.set("den", false);
    look_again(&a).await;
    gate.set(true);
    let removed = soon(&a, removing).await.expect("it ends").expect("the engine is there");
    assert!(!removed, "another node did");
    look_again(&a).await;
    assert!(!a.node.room("den").exists() && a.node.room_names() == b.node.room_names());
}

#[tokio::test]
async fn a_room_removed_elsewhere_before_its_maker_is_told_is_gone() {
    let [a, b] = two_plain().await;
    let gate = a.access.sets.hold_answers();
    let den = a.node.room("den");
    let adding = tokio::spawn(async move { den.add().await });
    settle().await;
    a.access.set("den", false);
    look_again(&a).await;
    a.access.sets.free();
    gate.set(true);
    assert!(soon(&a, adding).await.expect("it ends").expect("the engine is there"), "it was new");
    look_again(&a).await;
    look_again(&b).await;
    assert!(!a.node.room("den").exists() && a.node.room_names() == b.node.room_names());
}

#[tokio::test]
async fn a_removal_of_unknown_outcome_that_was_done_is_noticed() {
    let [a, _b] = two_plain().await;
    assert!(a.node.room("den").add().await.expect("the engine is there"));
    look_again(&a).await;
    let gate = a.access.sets.hold();
    let den = a.node.room("den");
    let removing = tokio::spawn(async move { den.remove().await });
    settle().await;
    a.access.set("den", false);
    look_again(&a).await;
    removing.abort();
    settle().await;
    look_again(&a).await;
    assert!(!a.node.room("den").exists());
    gate.set(true);
}

#[tokio::test]
async fn who_joined_a_room_that_could_not_be_made_is_on_no_list() {
    let [a, _b] = two_plain().await;
    let (ann, _hand) = a.connect().await;
    let gate = a.access.sets.hold();
    a.access.sets.fail(unknown());
    let den = a.node.room("den");
    let adding = tokio::spawn({
        let den = den.clone();
        async move { den.add().await }
    });
    settle().await;
    den.join(&ann).await.expect("it is being made");
    gate.set(true);
    assert!(soon(&a, adding).await.expect("it ends").is_err());
    settle().await;
    assert!(!den.has(&ann) && a.access.members("den").is_empty(), "{:?}", a.access.members("den"));
}

#[tokio::test]
async fn a_room_made_anew_is_heard_though_the_former_one_detaches_late() {
    let [a, b] = two_plain().await;
    let [(ann, _), (bob, hears)] = [a.connect().await, a.connect().await];
    assert!(a.node.room("den").add().await.expect("the engine is there"));
    // Ann's joining attaches slowly; meanwhile the room is removed, and made anew.
    let gate = a.access.attaches.hold();
    let joining = tokio::spawn({
        let den = a.node.room("den");
        async move { den.join(&ann).await }
    });
    settle().await;
    a.access.attaches.free();
    a.access.set("den", false);
    look_again(&a).await;
    a.access.set("den", true);
    look_again(&a).await;
    look_again(&b).await;
    let coming = tokio::spawn({
        let den = a.node.room("den");
        async move { den.join(&bob).await }
    });
    settle().await;
    gate.set(true);
    soon(&a, coming).await.expect("it ends").expect("the room is there");
    let _ = soon(&a, joining).await.expect("it ends");
    settle().await;
    hears.read().await;
    b.node.room("den").say("anybody?").await.expect("the room is there");
    settle().await;
    assert_eq!(hears.read().await, ["said \"anybody?\""]);
}

#[tokio::test]
async fn what_is_removed_just_after_the_engine_began_anew_is_gone() {
    let [a, b] = two_plain().await;
    assert!(a.node.room("den").add().await.expect("the engine is there"));
    assert!(a.node.room("attic").add().await.expect("the engine is there"));
    look_again(&b).await;
    b.access.forget_everything();
    // Another node is the first to make it again, and removes it before this one looks a second time.
    b.access.set("den", true);
    look_again(&b).await;
    b.access.set("den", false);
    look_again(&b).await;
    assert!(!b.node.room("den").exists(), "{:?}", b.node.room_names());
    assert!(b.node.room("attic").exists() && b.access.rooms() == ["attic"]);
}

#[tokio::test]
async fn a_room_that_two_nodes_make_again_is_one_that_can_be_removed() {
    for looks_between in [0, 1] {
        let [a, b] = two_plain().await;
        assert!(a.node.room("den").add().await.expect("the engine is there"));
        look_again(&b).await;
        b.access.forget_everything();
        let gate = b.access.sets.hold();
        look_again(&b).await;
        b.access.set("den", true);
        // Another look of this node may hear of that before it is told that it was not the first.
        for _ in 0..looks_between {
            let _ = soon(&b, b.node.room("unknown").say("is there one?")).await;
        }
        gate.set(true);
        b.access.sets.free();
        settle().await;
        b.access.set("den", false);
        look_again(&b).await;
        look_again(&b).await;
        assert!(!b.node.room("den").exists(), "{looks_between}");
    }
}
