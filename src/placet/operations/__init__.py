"""What a person does with Placet: one module per act, in rooms from the ports upwards.

`ports` is what is asked of the world, `house` how an operation finds it. `log` and `seeing` and
`on_record` look at what stands there; `acting` is the one way by which anything comes to stand
there. `auditing` does every act again. `scenarios` and `outside` need no register, `demonstration`
plays one, and `register` is all of it as one person asks it, here or from elsewhere.
"""
