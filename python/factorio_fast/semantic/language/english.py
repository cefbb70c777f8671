"""Common English words: none of them is a misspelling of something else."""

from __future__ import annotations

__all__ = ["COMMON_WORDS"]

COMMON_WORDS = frozenset(
    """
    ability able about above accept across action after again against age agree air allow
    almost alone along already always among amount animal another answer anyone anything
    appear apple apply arm army around arrive art ask attack attacks author back bad bag
    bake ball banana bank bar base battle beat beautiful because become bed before begin
    behavior behind believe benefit best better between beyond bigger bill bird black
    blood blue board boat body book born both box boy bread break bridge bring brother
    budget build business buy call called camera campaign cancer candidate capital car
    card care career carry case castle cat catch cause cell center central century certain
    chair challenge chance change character charge check cheese child choice choose church
    citizen city civil claim class clear close coach coffee cold collection college color
    come common community company compare computer concern condition conference consider
    consumer contain continue control cook cost could country couple course court cover
    create crime cultural culture cup current customer cut dark data daughter day dead
    deal death debate decade decide decision deep degree democrat describe design despite
    detail determine develop die difference dinner direction director discover discuss
    disease doctor dog door down dragon draw dream drive drop drug during early east easy
    eat economic economy edge education effect effort eight either election else employee
    end energy enjoy enough enter entire environment environmental especially even evening
    event ever every evidence exactly example executive exist expect experience expert
    explain eye face fact factor fail fall family far fast faster father fear federal feel
    feeling few fight figure film final finally financial fine finger finish fire firm
    first fish fishing floor fly focus follow food foot force foreign forget form former
    forward free friend front full fund future game garden gas general generation girl
    give glass goal good government great ground group growth guess gun guy hair half hand
    hang happen happy hard head health hear heart heat heavy help herself high himself
    history hit hold home hope horse hospital hot hotel house however huge human hunt
    husband idea identify image imagine impact important improve include including indeed
    indicate individual industry information inside instead institution interest
    interesting international interview investment involve issue itself job juice just kid
    kill kind king kitchen know knowledge land language large last late later laugh law
    lawyer lay lead leader learn leave left leg legal less letter lie life light likely
    list listen live local long look lose loss love low magazine magic main maintain major
    majority management manager many market marriage material matter maybe mean measure
    media medical meet meeting member memory mention message method middle might military
    mind miss mission model modern moment money month moon morning mother mouse mouth
    movement movie much music myself name nation national natural nature nearly necessary
    never news newspaper nice night none nor note notice occur off offer office officer
    official often old once only open operation opportunity option order organization
    other others outside over own owner page pain painting paper parent part participant
    particular partner party past patient pattern pay peace people pepper perform
    performance perhaps period person personal phone physical picture plan plane play
    player point police policy political poor popular population position positive
    possible practice prepare present president pressure pretty price private probably
    problem process product professional professor program project property prove provide
    public pull purpose push quality queen quest question quite race radio rain range
    rather reach read real reality realize really reason receive recent recently recognize
    record reduce reflect region relate relationship religious remain remember report
    represent resource respond response responsibility rest result reveal rich right rise
    risk road role room rule safe salt same save say scene school scientist score sea
    season seat section security see seek seem sell send senior sense sent series serious
    serve service seven several sex shake share shelf ship shoot short shot shoulder show
    sign significant similar simple simply since sing single sister sit situation size
    skill skin sky slow slower small smaller smile snow social society sold soldier
    soldiers somebody song sort sound source speak special specific speech spend sport
    spring staff stage stand standard star state statement station stay step still stock
    story strategy street strong structure student stuff style subject success successful
    such suddenly suffer sugar suggest summer sun support sure surface sword system table
    talk task tax tea teach teacher team television tell tend term test thank theory third
    thought threat through throughout throw thus today together tonight tough tower town
    trade traditional training treat treatment trial trip trouble true trust truth type
    understand unit until upon usually value various very victim view violence visit voice
    vote war warm watch weapon wear week weight whatever whether white whole whose wide
    wife wind window wish within woman wonder word work worker world worry worse wrong
    yard year yes yet young yourself
    """.split()  # noqa: SIM905 - a thousand words read better so
)
"""Words that are taken as they are: what they mean in a command stands elsewhere, or is nothing."""
