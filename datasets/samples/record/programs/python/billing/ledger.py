"""billing.ledger: bookings, kept with SQLAlchemy."""

import logging

from sqlalchemy import String, create_engine, select, update
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from record.cases import Cases

log = logging.getLogger("billing.ledger")
CASES = Cases()
engine = create_engine("sqlite://")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"
    number: Mapped[str] = mapped_column(String, primary_key=True)
    customer: Mapped[str] = mapped_column(nullable=False)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


Base.metadata.create_all(engine)


def book(session, number, customer):
    session.add(Invoice(number=number, customer=customer))
    try:
        session.flush()
    except IntegrityError as error:
        log.error("booking failed: %s", error)


def cancel(session, number):
    try:
        session.scalars(select(Invoice).where(Invoice.number == number)).one()
    except NoResultFound as error:
        log.error("cannot cancel %s: %s", number, error)


def save(session, invoice):
    number = invoice.number
    try:
        session.flush()
    except StaleDataError as error:
        log.error("cannot save %s: %s", number, error)


@CASES.add("ledger-invoice-without-customer", 34, "NOT NULL constraint failed")
def without_customer(v):
    with Session(engine) as session:
        book(session, v.invoice(), None)


@CASES.add("ledger-invoice-not-found", 30, "No row was found")
def not_found(v):
    with Session(engine) as session:
        cancel(session, v.invoice())


@CASES.add("ledger-invoice-changed-by-another", 13, "expected to update 1 row(s)")
def changed_by_another(v):
    """Two clerks edit one invoice; the version that the second one read is old."""
    with Session(engine) as session:
        number = v.invoice()
        book(session, number, "new customer")
        invoice = session.get(Invoice, number)
        session.execute(update(Invoice.__table__).values(version=v.number(2, 40)))
        invoice.customer = v.customer()
        save(session, invoice)
