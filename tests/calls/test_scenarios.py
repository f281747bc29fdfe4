"""The six ways of forwarding in the source article, heard by a caller of the sample company."""


def test_a_group_that_nobody_answers_forwards_to_an_employees_mobile(caller):
    caller.dials("+34910000001").hears("Gracias por llamar").presses("1")
    caller.waits(3).rings("ana").nobody_answers().rings("luis").nobody_answers()
    caller.is_forwarded_to("+34600111222").answers("+34600111222").accepts("+34600111222")
    caller.talks_to("+34600111222").other_side_hangs_up().ended()
