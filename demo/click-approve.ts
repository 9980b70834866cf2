import { chromium } from 'playwright-core';
import { DemoError } from './shop/demo-error.ts';

/** Slack takes about a message a second in a channel, and the plan's card queues behind what agents say. */
const cardMs = 90_000;

/** Opens the local Slack in Chromium as `person`, goes to the channel and clicks Approve, as a person would. */
export async function clickApprove(options: {
  pageUrl: string;
  channelName: string;
  person: string;
  /** Path of the browser. */
  chromium: string | null;
}): Promise<void> {
  if (options.chromium === null)
    throw new DemoError('no_chromium', 'there is no Chromium to click with', 'apt-get install chromium');
  const browser = await chromium.launch({
    executablePath: options.chromium,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    // Ctrl-C is ours to act on.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(20_000);
    await page.goto(options.pageUrl);
    await page.locator('[data-act-as]').first().selectOption({ value: options.person });
    await page.locator(`[data-channel-name="${options.channelName}"]`).first().click();
    await page.locator('#messages [data-action-id="plan_approve"]').last().click({ timeout: cardMs });
    await page.locator('[data-confirm="accept"]').click();
    await page.locator('[data-action-id="plan_approve"]').waitFor({ state: 'detached' });
  } finally {
    await browser.close();
  }
}
