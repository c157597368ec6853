//! The likeliest mistakes in using the attributes, each with what the compiler says to it. A message is right when a
//! beginner reads what to write, at the place where to write it.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
