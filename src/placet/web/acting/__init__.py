"""Acting from a browser: one way for every act.

    fields → command → statement shown → evidence taken → operations.acting.act

What an act asks for is read from its command; which evidence it takes from whether it is signed.
"""
