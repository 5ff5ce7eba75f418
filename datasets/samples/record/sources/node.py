"""Node.js: a web server that ends with an uncaught error."""

import json
from pathlib import Path

import sandbox
from cases import Cases
from sandbox import failure, write
from sources import command_line

SOURCE, COMMANDS, VERSION = "node", ["node"], ["node", "--version"]
CASES = Cases()
HOME = sandbox.ROOT / "web"
PROGRAM = Path(__file__).parent.parent / "programs/failures.mjs"


def node(request, **values):
    return failure("node", "server.mjs", request, json.dumps(values), cwd=HOME)


@CASES.add("node-product-left-catalog", 60, "Cannot read properties of undefined")
def product_gone(v):
    field = v.pick(["price", "title", "weight", "vatRate", "images", "stock", "brand", "size",
                    "colour", "supplier", "category", "slug", "discount", v.identifier()])
    return node("priceBasket", catalog={v.sku(): {field: 1}}, basket=[{"sku": "-", "field": field}])


@CASES.add("node-settings-not-json", 44, "JSON.parse (<anonymous>)")
def settings_not_json(v):
    return node("loadSettings", text=f"{v.word()}: {v.number(1, 99)}, {v.product()}")


@CASES.add("node-translations-missing", 40, "ENOENT")
def translations_missing(v):
    return node("loadTranslations", path=f"/srv/app/web/locales/{v.country()}/{v.word()}.json")


@CASES.add("node-plugin-not-installed", 30, "ERR_MODULE_NOT_FOUND")
def plugin_missing(v):
    name = f"{v.word()}-{v.word()}"
    write(HOME / f"plugins/{name}.mjs", f"export {{ default }} from '@shop/{name}';\n")
    return node("loadPlugin", name=name, folder="/srv/app/web/plugins")


@CASES.add("node-session-store-down", 40, "ECONNREFUSED")
def session_store_down(v):
    return node("connectSessions", host=v.loopback(), port=sandbox.free_port())


@CASES.add("node-port-taken", 22, "EADDRINUSE")
def port_taken(v):
    return node("listen", port=sandbox.free_port())


@CASES.add("node-return-address-invalid", 24, "ERR_INVALID_URL")
def return_address_invalid(v):
    return node("redirect", address=v.pick([f"/{v.word()}/{v.order()}", f"www.{v.word()}",
                                                        f"{v.city()} {v.number(1, 99)}"]))


@CASES.add("node-title-longer-than-column", 20, "Invalid count value")
def title_too_long(v):
    title = " ".join(v.product() for _ in range(v.number(2, 6)))
    return node("printTitle", title=title, width=v.number(4, 12))


@CASES.add("node-payment-rejection-unhandled", 36, "ERR_UNHANDLED_REJECTION")
def payment_rejected(v):
    return node("pay", reason=f"{v.pick(['card', 'wallet'])} declined for {v.order()}")


@CASES.add("node-export-missing", 26, "does not provide an export named")
def export_missing(v):
    """A plugin uses a function that the shared module no longer has."""
    name = f"{v.word()}-{v.word()}"
    write(HOME / "plugins/shared.mjs", "export const version = 2;\n")
    write(HOME / f"plugins/{name}.mjs", f"import {{ {v.identifier()} }} from './shared.mjs';\n")
    return node("loadPlugin", name=name, folder="/srv/app/web/plugins")


def record(log, seed):
    sandbox.fresh("web")
    write(HOME / "server.mjs", PROGRAM.read_bytes())
    command_line.record(log, CASES, seed, SOURCE)
