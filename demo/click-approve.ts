import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { DemoError } from './shop/demo-error.ts';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** Opens the local Slack in Chromium as `person`, goes to the channel and clicks Approve, as a person would. */
export async function clickApprove(options: {
  pageUrl: string;
  channelName: string;
  person: string;
  screenshot?: string;
}): Promise<void> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? places.find(existsSync);
  if (executablePath === undefined) {
    throw new DemoError(
      'no_chromium',
      'headless mode clicks in the real page and there is no Chromium',
      'apt-get install chromium',
    );
  }
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(20_000);
    await page.goto(options.pageUrl);
    await page.locator('[data-act-as]').first().selectOption({ value: options.person });
    await page.locator(`[data-channel-name="${options.channelName}"]`).first().click();
    await page.locator('#messages [data-action-id="plan_approve"]').last().click();
    await page.locator('[data-confirm="accept"]').click();
    await page.locator('[data-action-id="plan_approve"]').waitFor({ state: 'detached' });
    if (options.screenshot !== undefined) await page.screenshot({ path: options.screenshot });
  } finally {
    await browser.close();
  }
}
