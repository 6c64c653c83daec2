"""The verifier of proof, in plain Python: it imports nothing but the standard library.

`hub.proof.standalone` puts these modules together into the one file that an auditor takes home, so
names of the modules' top level are all different. Python 3.9 or newer.
"""
