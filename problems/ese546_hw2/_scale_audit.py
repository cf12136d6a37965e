ERRATA = ()
AUDIT = ()
