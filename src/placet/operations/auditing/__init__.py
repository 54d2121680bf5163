"""Auditing: every act of a log is done again, and compared with what is on record (DESIGN §4).

`audit.audit` goes through the log once. What needs no meaning is in `tree`; acts are opened by
`entries` and done again by `whole` and `reperforming`, over processes in `shards`; `state`,
`documents` and `dates` compare what stands beside the log; `report` is what was found.
"""
