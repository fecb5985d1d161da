/**
 * For tests that need a page in Firefox: the distribution's, driven over WebDriver BiDi, which stock Firefox
 * speaks.
 */
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import { PATIENCE_MS } from './chromium.mjs';

const PLACES = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];

/** The Firefox to test with: $GOROSCOPE_FIREFOX, else the distribution's; null when there is none. */
export function firefoxPath() {
  return process.env.GOROSCOPE_FIREFOX ?? PLACES.find((path) => existsSync(path)) ?? null;
}

/** @returns {Promise<import('puppeteer-core').Browser>} */
export function launchFirefox() {
  const executablePath = firefoxPath();
  if (!executablePath)
    throw new Error('No Firefox found: install it (apt install firefox-esr) or name one in GOROSCOPE_FIREFOX.');
  return puppeteer.launch({ browser: 'firefox', executablePath, headless: true, protocolTimeout: PATIENCE_MS,
    timeout: PATIENCE_MS,
    extraPrefsFirefox: { 'app.update.enabled': false, 'datareporting.policy.dataSubmissionEnabled': false } });
}

/**
 * A page whose errors fail the test at its end.
 * @param {import('puppeteer-core').Browser} browser @param {string} url
 * @param {(page: import('puppeteer-core').Page) => Promise<void>} body
 */
export async function onFirefoxPage(browser, url, body) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (e) => complaints.push(e instanceof Error ? e.message : String(e)));
  page.on('console', (m) => { if (m.type() === 'error') complaints.push(m.text()); });
  page.setDefaultTimeout(PATIENCE_MS);
  try {
    await page.setViewport({ width: 1280, height: 800 });
    await page.goto(url);
    await body(page);
    if (complaints.length) throw new Error(`Firefox complains: ${complaints.join('; ')}`);
  } finally {
    await page.close();
  }
}
