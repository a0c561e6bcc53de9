"""Tables from elsewhere → `customer_insights.yaml`.

    mapping    what the columns mean (YAML, shipped or the reader's own)
    sources    CSV, JSON and Parquet files as records with line numbers; nothing is interpreted
    header     which column of a file is which column of the mapping
    cells      one cell → one value, or the reason why it is none; nothing is guessed
    intake     records of all tables → checked rows, joined by key
    tally      rows → sums, counts, months and lists per account
    agreement  flags of accounts against the rows of other tables
    shares     one account's rows → its share of the insights
    store      shares → the new file; other accounts stay byte for byte
    report     what was used, what was not, and why

`importer.import_files` is the story in one screen. Calculation is pure; `sources` reads,
`importer` writes.
"""
