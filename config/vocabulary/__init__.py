"""The words that people use in sheets: headers, stages, answers, in the languages that are known.

Words only, in TOML files, and how they are loaded. How words are compared is in `process.wording`; which column a
header means is proposed in `jobs.proposing`.
"""
