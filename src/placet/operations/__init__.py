"""What a person does with Placet: one module per act."""
