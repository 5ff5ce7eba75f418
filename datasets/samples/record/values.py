"""The values that differ from failure to failure, drawn from one seeded generator."""

import random

CUSTOMERS = ["Ada Novak", "Liam O'Brien", "Zoë Martin", "Łukasz Wójcik", "Grace Kim",
             "Jean-Luc Petit", "María del Carmen Ruiz", "Tom", "Ngozi Adeyemi", "Ivy Chen",
             "Per Åberg", "Sam van den Berg", "Rosa D'Angelo", "Omar Haddad", "Una Byrne"]
CITIES = ["Lyon", "Porto", "New York", "Gdańsk", "San Juan Capistrano", "Oslo", "Cork",
          "Bad Homburg", "Nairobi", "Kyoto", "Quito", "Salt Lake City"]
WORDS = ["amber", "anchor", "basket", "beacon", "bottle", "candle", "copper", "cotton", "desk",
         "drawer", "engine", "fabric", "filter", "garden", "hammer", "jacket", "kettle", "ladder",
         "lantern", "magnet", "mirror", "needle", "paper", "pencil", "pillow", "ribbon", "saddle",
         "shovel", "spoon", "table", "teapot", "towel", "tripod", "vase", "violin", "window"]
MATERIALS = ["oak", "steel", "blue", "small", "large", "folding", "soft", "brushed", "spare"]
TEAMS = ["orders", "billing", "stock", "shipping", "catalog", "search", "loyalty", "returns"]
COUNTRIES = ["de", "fr", "pl", "pt", "us", "gb", "jp", "br", "se", "ke", "ie", "nl"]
WAREHOUSES = ["north annex", "harbour", "pier 4", "old mill", "airport east", "depot", "yard",
              "unit 12 b", "cold store", "attic"]


class Values:
    """Realistic values; the same seed gives the same sequence."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.number = self.random.randint
        self.pick = self.random.choice

    def some(self, pool, low, high):
        """Between `low` and `high` different members of `pool`."""
        return self.random.sample(pool, self.number(low, high))

    def chance(self, part):
        return self.random.random() < part

    def customer(self):
        return self.pick(CUSTOMERS)

    def city(self):
        return self.pick(CITIES)

    def word(self):
        return self.pick(WORDS)

    def team(self):
        return self.pick(TEAMS)

    def country(self):
        return self.pick(COUNTRIES)

    def warehouse(self):
        return self.pick(WAREHOUSES)

    def product(self):
        return f"{self.pick(MATERIALS)} {self.word()}"

    def sku(self):
        return f"{self.word()[:3].upper()}-{self.number(100, 9999)}"

    def order(self):
        return f"SO{self.number(10000, 99999)}"

    def invoice(self):
        return f"INV-{self.number(2024, 2026)}-{self.number(1, 9999):04d}"

    def hex(self, digits):
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def uuid(self):
        text = self.hex(32)
        return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])

    def email(self):
        name = self.pick(["ada", "liam", "zoe", "grace", "tom", "ivy", "omar", "una", "rosa"])
        domain = self.pick(["com", "org", "net"])
        return f"{name}.{self.word()}{self.number(1, 99)}@example.{domain}"

    def amount(self, top=5000):
        return f"{self.number(1, top)}.{self.number(0, 99):02d}"

    def day(self):
        return f"{self.number(2023, 2026)}-{self.number(1, 12):02d}-{self.number(1, 28):02d}"

    def month(self):
        return f"{self.number(2023, 2026)}_{self.number(1, 12):02d}"

    def version(self):
        return f"{self.number(0, 9)}.{self.number(0, 20)}.{self.number(0, 12)}"

    def loopback(self):
        return f"127.0.{self.number(0, 9)}.{self.number(1, 250)}"

    def identifier(self):
        """A camelCase name of one or two words."""
        second = self.word().capitalize() if self.chance(0.6) else ""
        return self.word() + second

    def snake(self):
        second = "_" + self.word() if self.chance(0.6) else ""
        return self.word() + second

    def type_name(self):
        name = self.identifier()
        return name[:1].upper() + name[1:]
