// What the explorer does.
