"""Every path of every number, walked: what can happen to a call, proved or refuted by the code that answers calls.

A walk goes through these modules in this order:

1. `moments`: the kinds of hours in the coming year. A kind is a set of bits, one for each schedule that is open then
   (`open`); what hangs on some schedules only names theirs (`mask`, `asked`).
2. `graph`: from where a call begins, every spot (`parts`) that it may come to, and every edge on from there.
   `happenings` says what may happen at a spot, `deciding` lets `flows.decide` decide it in every way in which the live
   state could answer, `documents` reads the answer as a provider plays it, `likeness` and `again` say which spots count
   as one.
3. `times` and `lines`: the longest silent ways through the graph, first between the spots that numbers share, then for
   each number; a way that comes back to itself is a loop. `pace` says how long things last.
4. `report`: what refutes the proof and what no call meets, each with its shortest story (`paths`).
"""
