"""The reckoning: what each customer is worth, who is slipping away and why, who belongs where, what to offer.

It is done once a night from the books (`night`), and stored; whoever shows it reads it with `reading`, as the
values of `answers`. Only customers who agreed to profiling have figures of their own; the models learn from
everybody's purchases, and say nothing of anybody else. Every figure is money or visits of a time that is
named, with the interval that 95 of 100 customers like this one stay within.
"""
