/**
 * The web server's start-up and request code. Every function can end the server with an uncaught
 * error: `node server.mjs NAME JSON` calls one of them.
 */

import { readFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** A basket line refers to a product that has left the catalog. */
function priceBasket({ catalog, basket }) {
  const products = new Map(Object.entries(catalog));
  return basket.map((line) => products.get(line.sku)[line.field]);
}

/** The settings file was edited by hand and is no longer JSON. */
function loadSettings({ text }) {
  return JSON.parse(text);
}

/** The translations of a language were not deployed. */
function loadTranslations({ path }) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** A plugin is not installed, or does not fit the version of the shop. */
async function loadPlugin({ name, folder }) {
  return (await import(pathToFileURL(`${folder}/${name}.mjs`))).default;
}

/** The session store does not listen. */
function connectSessions({ host, port }) {
  connect(port, host);
}

/** Another instance still has the port. */
async function listen({ port }) {
  await new Promise((done) => createServer().listen(port, '127.0.0.1', done));
  createServer().listen(port, '127.0.0.1');
  await sleep(100);
}

/** After payment the customer is sent to an address that is not one. */
function redirect({ address }) {
  return new URL(address).href;
}

/** The receipt printer pads titles to a column that some titles do not fit in. */
function printTitle({ title, width }) {
  return title + ' '.repeat(width - title.length);
}

/** The payment provider rejects a promise that nobody awaits; the reason is not an Error. */
function pay({ reason }) {
  Promise.reject(reason);
}

const requests = {
  priceBasket, loadSettings, loadTranslations, loadPlugin, connectSessions, listen, redirect,
  printTitle, pay,
};

const [name, values] = process.argv.slice(2);
await requests[name](JSON.parse(values));
