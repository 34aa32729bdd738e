// Has no code: the precompiled header of all test programs is made for it.
