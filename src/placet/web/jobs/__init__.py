"""What goes on in the background: jobs tell people and check; they decide nothing (DESIGN §3, 9).

notices   what there is to tell whom, from the log and the cases: written down once
sending   what was written down, sent until it arrives, by e-mail or to a web hook
audits    an audit that somebody asked for, with how far it is
tasks     when each of these runs
"""
