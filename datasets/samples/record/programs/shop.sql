-- The shop's database, small but with the rules that applications break.

create table customers (
    id integer primary key,
    name text not null,
    email text not null,
    credit numeric(8, 2) not null default 300,
    constraint customers_email_key unique (email)
);
create table products (
    id integer primary key,
    sku varchar(12) not null,
    attributes json,
    stock integer not null default 0,
    constraint products_sku_key unique (sku),
    constraint products_stock_check check (stock >= 0)
);
create table orders (
    number varchar(8) primary key,
    customer_id integer references customers,
    placed_on date not null default '2026-01-01',
    total numeric(7, 2)
);
create table lines (order_number varchar(8), product_id integer references products);
create table sessions (token uuid primary key, customer_id integer);
create table payroll (employee text, salary numeric);
revoke all on payroll from public;

-- An order above the customer's credit is refused.
create function check_credit() returns trigger language plpgsql as $$
declare
    allowed numeric := (select credit from customers where id = new.customer_id);
begin
    if new.total > allowed then
        raise exception 'credit limit of customer % exceeded: % > %',
            new.customer_id, new.total, allowed;
    end if;
    return new;
end $$;
create trigger credit before update on orders for each row execute function check_credit();

insert into customers select n, 'customer ' || n, 'c' || n || '@example.com', 100 + n
    from generate_series(1, 500) n;
insert into products select n, 'SKU-' || n, '{}', n % 9 from generate_series(1, 500) n;
insert into orders select 'SO' || (10000 + n), n, '2026-01-01', 10 from generate_series(1, 500) n;

-- Every country has a view of its sales, and a different number of reports on top of it.
do $$
declare
    countries text[] := array['de', 'fr', 'pl', 'pt', 'us', 'gb', 'jp', 'br', 'se'];
begin
    for n in 1..array_length(countries, 1) loop
        execute format('create view sales_%s as select number, total from orders', countries[n]);
        for report in 1..1 + n % 4 loop
            execute format('create view report_%s_%s as select * from sales_%1$s',
                countries[n], report);
        end loop;
    end loop;
end $$;

create role app login;
create role reporting login;
grant all on customers, products, orders, lines, sessions to app;
grant select on customers, orders to reporting;
create role reports_de login connection limit 0;
create role reports_fr login connection limit 0;
create role reports_pl login connection limit 0;
create role reports_se login connection limit 0;
create role reports_us login connection limit 0;
create role reports_jp login connection limit 0;
create role billing login password 'changed-last-week';
create role shipping login password 'changed-last-week';
create role search login password 'changed-last-week';
create role loyalty login password 'changed-last-week';
create role returns login password 'changed-last-week';
create role stock login password 'changed-last-week';
