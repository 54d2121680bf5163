"""What is asked of a scenario's files, without a register: answers, checks, schemas, a story."""
