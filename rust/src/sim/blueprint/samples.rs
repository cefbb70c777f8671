//! Blueprint strings for tests.
//!
//! Those called `GAME_…` were written by the game and published by players; the others were made with
//! `factorio-draftsman` 3.3.1 from `PyPI`, those of 1.1 with the `version` of 1.1.110 set in place of its own.

/// Written by the game (a constant combinator with a description), from the README of JensForstmann/factorio-blueprint-tools.
pub(super) const GAME_COMBINATOR: &str = "\
    0eNp9j90KwjAMhV9l5LoO5w/WPoHvICKdCxpY09JGcYy+u91E9EoIJCec85GM0PZ3DJFYwIzQYbpECkKewcAB+96rSm6UqlK\
    WK3RBhuriOYllKYNria34WIMCmvZgjiMkurLtJ6AMAQuJBF1xsHWT+uQX3zzkkucOn2CafFKALCSEb9wshjPfXYuxGP6CFAS\
    f6P3BCIW3rLcKhrnnCT3fYn7+VvDAmObASjeb3X61W691o7XO+QX5HWGk";

/// Written by the game (four inserters, a chest, a pole), from a public test of a web decoder.
pub(super) const GAME_INSERTERS: &str = "\
    0eNqVkt1qwzAMhd9F104h/kk2v8ooI01FZ3DkYLtjIfjd5yRQ0s5s3aWMznd0ZM1wslccvaEIegbTOwqg32YI5kKdXd7iNCJ\
    oMBEHYEDdsFbeUdV/YIiQGBg64xfoOrG/hRTQR/Q7GU9HBkjRRIOb+VpM73QdTrlT1z/VDEYXssDR4pQhlZAHxWAC3dYHleF\
    n47HfGpplrgcmL0UpUMWeWuCIGycMnbUV2uzqTV+NzuKvY/IyUD4VVu0pd2Flgan+t0DxyOQFZvMUU9ylzf+8XoPeXR2DT/R\
    hs3mpZfvKW6WkVG2T0jel3dhm";

/// Written by the game (one stone furnace at -27, 8), from a public string decoder's help text.
pub(super) const GAME_FURNACE: &str = "\
    0eNp1z7FqwzAQBuBXMTfLg02JFW2hyZAlCbG3pgTbuYQD+WwkudQYvXslp0ModBEc+u87/hkaPeJgiB2oGW5oW0ODo55BQVl\
    tzlWy3ZXv5/2p2h8PF06TI2NSuj6899Fw3eKFd4ftawoEUNuzBfUxg6UH1zrabhowoOSwCwmuuzjZKKW/EviwyTf8BpX5TwH\
    IjhzhE1qG6cpj16AJgX8IAUNv6VlghiCleSFgAiV9JJfr6qW0AF03qGNb4of+0y18f6Gxi5bL7K1Y54WUcrXOcu9/ADq3Z9s\
    =";

/// Written by the game (a ring of express belts round a pole), from a public web service's tests.
pub(super) const GAME_EXPRESS_BELTS: &str = "\
    0eNqllMtugzAQRX8FzRqiQszLyyy77bKqKh6jaiTbWLapghD/XhOkNEpJ04adx56553r8GKEWPWpDygEfoUXbGNKOOgUcnnv\
    rgiqwJLXA4Jy4gxCo6ZQF/jqCpQ9VibnYDRp9FTmUPkNVco7wqA1aGzlTKas746IahYPJS6gWj8DjKbwrYjW1aJzxrr4Lk+k\
    tBFSOHOFi5RQM76qXNRqvfM9ECLqztGx2hNlLud+lIQzAi3nkWS0ZbJaMZDZ6hUgeQCT/Q+wfQLDbCLaCYGeExJZ6GaHw6Ya\
    aSHcCf2+TR00rkummxqTrotmmA02vW5GtIPJNvm80o9h0hH/yXW5CsJ+3xL+t0xvkFx9ECKLyYn7uZfkSDhdLn2jscomLmOW\
    szLM8fsrSbJq+AEDWdWo=";

/// Two belts, a splitter with priorities, two underground belts.
pub(super) const BELT_BALANCER: &str = "\
    0eNqdkWGLgzAMhv/KyOfumJ067V8Zx9AttyvUttR4TMT/vqgwjlM43Zembfo+eZN2UJoGfdCWQHWgCStQv+4E/GCotbOgklT\
    mcZ4nWZyeeBFgihINv5Z7ueMd7crCFPaKgVVoSZPGGtS5mw7txTZVyUkVCbBFhaykUNjau0D7Qc8y72qWDdU6eIA6fCQC2jH\
    2Am464HXKZr2YYeVqbLQFe9zsNlqDjTe7XYVNXtjaG000fsYMeBiBcgYUoK1v6MJ/7wJjGWPwa/DkGvqTCPr+TbBgIX1ZaOw\
    Nwz04jv+M7Limt9MGcLQFnL3hOF0YHrV+gEyzWhpN/kYHKwp99v0TCmRAUA==";

/// The same as 1.1 writes it: directions in eighths.
pub(super) const BELT_BALANCER_1_1: &str = "\
    0eNqdkdFugzAMRX+l8nM6NSkFml+ppgpar4sUkiiYaQjx7zMgVdNAGvTJSZx7fG13UNoGQzSOQHdgCCvQv94EfGGsjXegVS6\
    T7KyyPM/Ts1QCbFGi5d9qr3Z8ol1Z2MLdMLIKHRkyWIO+dNOlvbqmKjmppQBXVMhKioWrg4+0H/QsC75m2VCtg2/Qh7eTgHa\
    MvYC7iXibskkvZli1Giu3YI+b3co12GSz21XY0xNbB2uIxmXMgIcRqGZAAcaFhq68ex8ZyxiLH4Mn39CfRDSPT4IFC+nTQuP\
    uGB/Rc/xnZMc1vWUbwHILOH/BcbowPGrDAJlmtTSa8wsdrCj03vc/r81AIw==";

/// Four stone furnaces between two belts, fed and emptied by burner inserters.
pub(super) const SMELTING_COLUMN: &str = "\
    0eNqVlO2KhCAUhm9lOL9tKFMrb2VYlpp1QSgb1JYdontf5wNmIF08f/oyH58XXs4Kw7ioi9XGg1xBezWBfPtG4EdZp2cDkgv\
    asa7jLRNNuBAY+0GN4W92cH426vC9WNOflQublPHa6/AoT+vj5fpplmlQFmRFwPSTChu97Y27zNYXAXQ76zK7sO122Aq/IMs\
    jJ3C937eN7EA0G8T/B9VooyoOYmijBIijjWgcJNBGCVCDNqrjoBZtlAB1aCMWB1UlWilFwnebJ0j4cqdI+HaLBAlf7xQJ3+8\
    mQcIXPEV6NXwIg0zZQhunrA9rO1T1Nk8IfGmrzo/VisbIr8rfB2XxHJR7bn0sn1OhjCp2+YoMpUhLfHiaR66w4et4eErx4TM\
    Va3x4lkdm2PA8EZ7jw2cqCnx4kUdusOGbRPgWHz6m+LFtfwD47No=";

/// The same as 1.1 writes it.
pub(super) const SMELTING_COLUMN_1_1: &str = "\
    0eNqVlNuKgzAURX+lnGctJsZbfqUMg3YyENBYkjhMEf990gu0YM6Q86QmZmVt2JwVhnFRF6uNB7mC9moC+baWwY+yTs8GJG+\
    ZaDretG1bd4xnMPaDGsPf4uD8bNThe7GmPysXDinjtdfhVZ7Wx8f10yzToCxIloHpJxUOetsbd5mtzwPodtdlduHY7bIVfkE\
    WxyqD6/25bdkOxJNB1f+gkmzE4iBBNkJAFdmIx0E12QgBNWSjMg5qyUYIqCMbiTiIFWQljETvdoWQ6OXGSPR21wiJXm+MRO9\
    3g5DoBcdIr4YPYZApm2vjlPVhb4dib/Mkgy9t1fmxW8fAr8bf52T+nJN7bHksnkOhiBp26YaCYsgLenSeBGbU6GU8Ouf06Gm\
    GJT26SAILavQKiV7Ro6cZ1vTodRK4oUZvkOgtPXrE8GPb/gCEFetp";

/// An assembling machine with a recipe, an inserter, a chest with a bar and a pole.
pub(super) const CIRCUITS: &str = "\
    0eNp1j9FuwyAMRf/FzzCtKemW/Eo1VcC81RKQCJOpVcS/z12maFW6FxDY9xx7BhcmHDOlAv0MVDBC/+dPwRdmpiFB3x6aznR\
    d+2oOL3IoCNZhkG5P2U9UWJoxFSqEDP1xXh7XU5qiwwz9TkGyESVgmTG6QOlTR+vPlFA3Eh4HlvBNNcNF+p9aBdefuyrI6Gm\
    8hTGgL3lI5PWvGKrayJpV9mG5aEqMuUhhY9nfWd5JPEt11zzA7lcsyQjan5HLlmnumM5K0DyAmRXG0Yagl81kr3EI+P+kz0K\
    tb7V+A6kxkSI=";

/// The same as 1.1 writes it.
pub(super) const CIRCUITS_1_1: &str = "\
    0eNp1j9FOwzAMRf/Fz8lEs7J1/RWEUBIMs5SkVZyiTVX+HY+iiqnjKXLse449gwsTjplSgX4GKhih//On4Asz05CgN13THk/\
    m2HXd4dQYBcE6DDLtKfuJCsswpkKFkKF/mZfi+pam6DBD3yhINqIELDNGFyh96mj9mRJqI+FxYAnfVDNcZH73rOD681YFGT2\
    NtzAG9CUPibz+FUNVG5lZZR+Wi6bEmIs0Npb9neWdxLN0Dw+o+5VKsoH2Z+SyRbZ3SGcl2D6AtSuMow1BL4fJWeMQ8P9Fn4R\
    aX2v9BiIrkOw=";

/// The balancer, the circuits, a book with the smelting column, and a deconstruction planner.
pub(super) const BOOK: &str = "\
    0eNq1l+2O4iAUhm/F8LudtPTL9lY2G0MrKtkWGqCTNcZ7H9o6Oq7Q4ejsH7WhPOd94ZwDnlDdDrSXjOtNLcQfVJ0Q07RD1W0\
    gnAYC9E6lYoKjKstxmZZltk7zwnwEiDSavdMN41v6F1VRgFpS03ZkzDOvKIWqX6fboy3aYqBPLg7xyvzSq5q0hDdUmlmUa6Y\
    ZnUNMD8cNH7raDFZxgDjpqJmpJeGqF9K4MvPNtF4oM22MdkKj+LcsQMfp+xygLZO0mUfX5+ABi72xMQSbgNXGPtgUrNYLm12\
    xqm+Z1tNmPACjCYgfgAFivB/0xuy9kAZrMC3djZrEoP8ZkGx/0MgiIb9KGEwKyr0U5vubJUt8vBUAcAwBr59QnFsWTx/7ETK\
    vlW1pyicceAT6fR43bi73MerrJd0w2QzMdAjfSiZK0a5uGd+HHWkOjNMQf5fKxhGbfNDWeJOCsya8BEaL9b0jSoeMKyqt+Z2\
    4CibGi/XNjISwOVBl2Y30jlmTsYIXq1p1pG3D2Znx1YuWupWOjejrLsZ3u/iTZ8GPN/90pbTgdLUbJCcNVf+l97/U7bNl0HP\
    9/aWOni2DMrAibAflYEUOUAFWlNhBa7AiB6gEK0rtoDgCS3KR4LmdOUjw5HaR4NmdO0jw9HaR4PldOEjwBHeRbhlem0ZG5cL\
    x4rw9Wo+X+JbyU6MML43SdhhEl64QWSWW/hJTkEQcwc1jP3IMNZ/YzWMMN+8pMYGbT/3IKdR85jCfwc17Sszh5nM/cgE1Xzj\
    Mr+HmbRLv7shfHibxW9oIrrQcpvc3vfkby8fg1zvR/Qvh5wvuC9ItQGKinT8AM0g1zQ==";

/// A deconstruction planner.
pub(super) const DECONSTRUCTION_PLANNER: &str = "\
    0eNqrVkpJTc7PKy4pKk0uyczPiy/ISczLSy1SsqpWyixJzVWyQlOgC1Ogo1SWWlQMFFGyMjUzsjSxtDS1MDEzBxK1tQB7Lh4\
    P";

/// An upgrade planner.
pub(super) const UPGRADE_PLANNER: &str =
    "0eNqrViotSC9KTEmNL8hJzMtLLVKyqlbKLEnNVbKCyejCZHSUylKLijPz85SsTM2MLE0sLU0tTMzMgURtLQCqgxf3";

/// Every sample that is a blueprint or a book.
pub(super) const READABLE: &[&str] = &[
    GAME_COMBINATOR,
    GAME_INSERTERS,
    GAME_FURNACE,
    GAME_EXPRESS_BELTS,
    BELT_BALANCER,
    BELT_BALANCER_1_1,
    SMELTING_COLUMN,
    SMELTING_COLUMN_1_1,
    CIRCUITS,
    CIRCUITS_1_1,
    BOOK,
];
