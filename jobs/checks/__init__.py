"""What `fivestep doctor` looks at, one small check after the other, and how a finding is worded."""
