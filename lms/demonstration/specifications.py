"""What the three organisations of the demonstration are like. Every name is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from accounts.enums import Role
from staff.enums import EmploymentType, KeyPostKind

PASSWORD = "lantern-river-apple"  # noqa: S105  printed for everybody who runs the demonstration
HISTORY_FROM = date(2024, 7, 1)
"""The first day of the demonstration's training records."""
PUBLISHED_ON = date(2026, 6, 24)
"""When the care provider published its return for 2025-26."""

FIRST_NAMES = [
    "Aaliyah",
    "Abigail",
    "Adam",
    "Adaeze",
    "Agnieszka",
    "Aisha",
    "Alan",
    "Alice",
    "Amina",
    "Amir",
    "Andrea",
    "Angela",
    "Anika",
    "Anthony",
    "Arjun",
    "Beatriz",
    "Benjamin",
    "Bethan",
    "Blessing",
    "Brian",
    "Bronwen",
    "Callum",
    "Carlos",
    "Carol",
    "Catherine",
    "Charlotte",
    "Chidi",
    "Chloe",
    "Christopher",
    "Ciara",
    "Claire",
    "Connor",
    "Daniel",
    "David",
    "Deborah",
    "Denise",
    "Dmitri",
    "Dorothy",
    "Ebony",
    "Edward",
    "Eilidh",
    "Elena",
    "Emeka",
    "Emily",
    "Emma",
    "Esther",
    "Fatima",
    "Femi",
    "Fiona",
    "Gareth",
    "Gemma",
    "George",
    "Grace",
    "Gurpreet",
    "Hannah",
    "Harpreet",
    "Hassan",
    "Heather",
    "Helen",
    "Ibrahim",
    "Imogen",
    "Ines",
    "Isaac",
    "Jack",
    "Jacqueline",
    "James",
    "Jasmine",
    "Joanna",
    "Jordan",
    "Joseph",
    "Julie",
    "Kamala",
    "Karen",
    "Kavita",
    "Keith",
    "Kwame",
    "Laura",
    "Leah",
    "Liam",
    "Lucy",
    "Magdalena",
    "Margaret",
    "Maria",
    "Mark",
    "Mary",
    "Matthew",
    "Megan",
    "Mohammed",
    "Monika",
    "Nadia",
    "Naomi",
    "Natasha",
    "Nia",
    "Nicola",
    "Niamh",
    "Oliver",
    "Olumide",
    "Paul",
    "Pauline",
    "Peter",
    "Piotr",
    "Priya",
    "Rachel",
    "Ravi",
    "Rebecca",
    "Rhys",
    "Robert",
    "Rosa",
    "Ruth",
    "Samina",
    "Samuel",
    "Sandra",
    "Sarah",
    "Sean",
    "Shanice",
    "Sharon",
    "Simone",
    "Siobhan",
    "Sofia",
    "Stephen",
    "Sunita",
    "Susan",
    "Tariq",
    "Temitope",
    "Teresa",
    "Thomas",
    "Uzma",
    "Victoria",
    "Vikram",
    "Wendy",
    "William",
    "Yasmin",
    "Yusuf",
    "Zainab",
    "Zoe",
    "Siân",
    "Zoë",
    "José",
    "Łukasz",
]
LAST_NAMES = [
    "Abara",
    "Adeyemi",
    "Ahmed",
    "Akhtar",
    "Ali",
    "Allen",
    "Anderson",
    "Bailey",
    "Baker",
    "Banerjee",
    "Begum",
    "Bell",
    "Bennett",
    "Brown",
    "Campbell",
    "Carter",
    "Chaudhry",
    "Chen",
    "Clarke",
    "Collins",
    "Cook",
    "Cooper",
    "Cox",
    "Davies",
    "Dhillon",
    "Doyle",
    "Edwards",
    "Evans",
    "Farah",
    "Fernandes",
    "Foster",
    "Fraser",
    "Gill",
    "Graham",
    "Grant",
    "Gray",
    "Green",
    "Griffiths",
    "Hall",
    "Harris",
    "Hill",
    "Holmes",
    "Hughes",
    "Hussain",
    "Hussein",
    "Iqbal",
    "Islam",
    "Jackson",
    "Jenkins",
    "Johnson",
    "Jones",
    "Kapoor",
    "Kaur",
    "Kelly",
    "Khan",
    "King",
    "Kowalski",
    "Lee",
    "Lewis",
    "Lloyd",
    "Mahmood",
    "Marshall",
    "Martin",
    "Mason",
    "Mensah",
    "Miah",
    "Mills",
    "Mitchell",
    "Moore",
    "Morgan",
    "Morris",
    "Murphy",
    "Murray",
    "Mwangi",
    "Naidoo",
    "Ndlovu",
    "Nguyen",
    "Nowak",
    "Nwosu",
    "O'Brien",
    "O'Connor",
    "O'Neill",
    "Okafor",
    "Okoye",
    "Osei",
    "Owen",
    "Palmer",
    "Parker",
    "Patel",
    "Pereira",
    "Phillips",
    "Popescu",
    "Powell",
    "Price",
    "Rahman",
    "Reid",
    "Reilly",
    "Richards",
    "Roberts",
    "Robinson",
    "Rogers",
    "Rossi",
    "Ryan",
    "Santos",
    "Scott",
    "Shah",
    "Sharma",
    "Shaw",
    "Silva",
    "Simpson",
    "Singh",
    "Smith",
    "Stevens",
    "Stewart",
    "Suleiman",
    "Taylor",
    "Thomas",
    "Thompson",
    "Turner",
    "Walker",
    "Ward",
    "Watson",
    "Webb",
    "White",
    "Williams",
    "Wilson",
    "Wójcik",
    "Wood",
    "Wright",
    "Yilmaz",
    "Young",
    "Müller",
]


@dataclass(frozen=True)
class Job:
    """A kind of post: how common it is, and what HR calls it."""

    title: str
    staff_group: str
    weight: int
    employment_types: tuple[EmploymentType, ...] = (EmploymentType.PERMANENT,)


@dataclass(frozen=True)
class SignIn:
    """Somebody who can sign in to the demonstration. ``kinds`` are the key posts they hold."""

    name: str
    job_title: str
    roles: tuple[Role, ...]
    says: str
    kinds: tuple[KeyPostKind, ...] = ()


@dataclass(frozen=True)
class Specification:
    """One organisation. ``keeping_up`` is the share of people who train on time, in whole per cent."""

    ods_code: str
    name: str
    type: str
    domain: str
    people: int
    units: tuple[str, ...]
    jobs: tuple[Job, ...]
    sign_ins: tuple[SignIn, ...]
    keeping_up: int
    report_to: str
    ico_number: str
    caught_up_on: date | None = None
    """A day by which all but three in a hundred had trained within the year: that of the publication."""
    unit_groups: dict[str, int] = field(default_factory=dict)
    """For a large organisation: how many numbered units of each name, beside ``units``."""
    words: dict[str, str] = field(default_factory=dict)
    """What it answers, by item id, where the shared words would not fit."""

    def all_units(self) -> list[str]:
        numbered = [f"{name} {n}" for name, how_many in self.unit_groups.items() for n in range(1, how_many + 1)]
        return [*self.units, *numbered]


E = EmploymentType

CARE = Specification(
    ods_code="DCARE",
    name="Willow Brook Home Care",
    type="social-care",
    domain="willowbrook.example",
    people=60,
    units=("Office", "North round", "South round", "Night team"),
    jobs=(
        Job("Care worker", "Care", 70, (E.PERMANENT, E.PERMANENT, E.PERMANENT, E.BANK)),
        Job("Senior care worker", "Care", 14),
        Job("Care coordinator", "Office", 6),
        Job("Agency care worker", "Care", 6, (E.AGENCY,)),
        Job("Volunteer befriender", "Volunteers", 4, (E.VOLUNTEER,)),
    ),
    sign_ins=(
        SignIn("Maria Santos", "Care worker", (Role.STAFF,), "learns on a phone between visits"),
        SignIn("Denise Walker", "North round lead", (Role.STAFF, Role.MANAGER), "sees her team and chases"),
        SignIn("Helen Price", "HR administrator", (Role.HR,), "imports the staff list"),
        SignIn("Priya Sharma", "Training lead", (Role.TRAINING_LEAD,), "writes courses, reads figures"),
        SignIn("Tom Ellis", "Quality and DSPT lead", (Role.DSPT_LEAD,), "runs the assessment", (KeyPostKind.DSPT_LEAD,)),
        SignIn(
            "Angela Morris",
            "Registered manager",
            (Role.SENIOR_REVIEWER,),
            "signs",
            (KeyPostKind.REGISTERED_MANAGER, KeyPostKind.SIRO),
        ),
        SignIn("Sam Okoye", "Internal auditor", (Role.AUDITOR,), "reads everything, changes nothing"),
        SignIn("Ruth Bailey", "Office manager", (Role.ORGANISATION_ADMIN,), "looks after profile and access"),
        SignIn("Nia Griffiths", "Communications officer", (Role.CONTENT_EDITOR,), "edits guidance in the CMS"),
    ),
    keeping_up=93,
    caught_up_on=PUBLISHED_ON,
    report_to="Tom Ellis, quality lead, on 0113 496 0101, at any hour",
    ico_number="ZA000001",
)

PRACTICE = Specification(
    ods_code="DGP01",
    name="Market Street Surgery",
    type="gp",
    domain="marketstreet.example",
    people=25,
    units=("Reception", "Clinical team", "Back office"),
    jobs=(
        Job("Receptionist", "Administration", 40),
        Job("Practice nurse", "Nursing", 20),
        Job("GP", "Medical", 15, (E.PERMANENT, E.LOCUM)),
        Job("Secretary", "Administration", 15),
        Job("Health care assistant", "Nursing", 10),
    ),
    sign_ins=(
        SignIn("Chloe Turner", "Receptionist", (Role.STAFF,), "learns at the front desk"),
        SignIn(
            "Karen Hughes",
            "Practice manager",
            (Role.HR, Role.MANAGER, Role.DSPT_LEAD, Role.ORGANISATION_ADMIN),
            "does everything but sign",
            (KeyPostKind.DSPT_LEAD,),
        ),
        SignIn(
            "Ravi Patel", "GP partner", (Role.SENIOR_REVIEWER,), "signs", (KeyPostKind.PARTNER, KeyPostKind.CALDICOTT_GUARDIAN)
        ),
    ),
    keeping_up=88,
    report_to="Karen Hughes, practice manager, extension 201",
    ico_number="ZA000002",
)

TRUST = Specification(
    ods_code="DTR01",
    name="Riverside and Moors NHS Trust (demonstration)",
    type="trust",
    domain="riversidemoors.example",
    people=5000,
    units=("Trust headquarters", "Information governance", "Digital services", "Estates", "Pharmacy", "Pathology", "Radiology"),
    jobs=(
        Job("Staff nurse", "Nursing and midwifery", 30, (E.PERMANENT, E.PERMANENT, E.PERMANENT, E.BANK)),
        Job("Health care assistant", "Additional clinical services", 20, (E.PERMANENT, E.BANK)),
        Job("Specialty doctor", "Medical and dental", 9, (E.PERMANENT, E.FIXED_TERM, E.LOCUM)),
        Job("Physiotherapist", "Allied health professionals", 8),
        Job("Medical secretary", "Administrative and clerical", 14),
        Job("Biomedical scientist", "Healthcare scientists", 5),
        Job("Porter", "Estates and ancillary", 8),
        Job("Student nurse", "Students", 4, (E.STUDENT,)),
        Job("Volunteer", "Volunteers", 2, (E.VOLUNTEER,)),
    ),
    sign_ins=(
        SignIn("Grace Mensah", "Staff nurse", (Role.STAFF,), "learns on the ward"),
        SignIn("Alan Reid", "Ward manager", (Role.STAFF, Role.MANAGER), "sees the ward"),
        SignIn("Joanna Nowak", "Workforce information manager", (Role.HR,), "imports the staff list"),
        SignIn(
            "Farah Iqbal",
            "Information governance manager",
            (Role.DSPT_LEAD, Role.TRAINING_LEAD),
            "runs training and DSPT",
            (KeyPostKind.IG_LEAD,),
        ),
        SignIn("Stephen Ward", "Finance director", (Role.SENIOR_REVIEWER,), "is the SIRO", (KeyPostKind.SIRO,)),
        SignIn("Margaret Lloyd", "Internal auditor", (Role.AUDITOR,), "doubts"),
    ),
    keeping_up=72,
    report_to="the information governance team on extension 4400, or the duty manager out of hours",
    ico_number="ZA000003",
    unit_groups={"Ward": 44, "Clinic": 18, "Community team": 14, "Theatre": 8},
)

SPECIFICATIONS = (CARE, PRACTICE, TRUST)
