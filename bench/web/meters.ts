import type { CDPSession, Page } from 'playwright-core';

/** What the meters keep in the page. */
type Metered = Window & { betweenFrames?: number[]; isMetering?: boolean; painted?: Promise<number> };

/** How much slower the page's processor seems to be; 1 is as it is. */
export const slowDown = (session: CDPSession, rate: number): Promise<unknown> =>
  session.send('Emulation.setCPUThrottlingRate', { rate });

/** The times between frames, ms, while `act` runs. */
export const framesWhile = async (page: Page, act: () => Promise<void>): Promise<number[]> => {
  await page.evaluate(() => {
    const metered = window as Metered;
    const frames: number[] = [];
    metered.betweenFrames = frames;
    metered.isMetering = true;
    let last: number | undefined;
    const tick = (at: number) => {
      if (!metered.isMetering) return;
      if (last !== undefined) frames.push(at - last);
      last = at;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await act();
  return await page.evaluate(() => {
    const metered = window as Metered;
    metered.isMetering = false;
    return metered.betweenFrames ?? [];
  });
};

/** From the next press of Enter to the frame after the one that shows an article with this text, ms. Call `measured` after the press. */
export const watchForBubble = async (page: Page, text: string): Promise<{ measured: () => Promise<number> }> => {
  await page.evaluate((wanted) => {
    const log = document.querySelector('[role=log]');
    if (log === null) throw new Error('no conversation is open');
    (window as Metered).painted = new Promise((resolve) => {
      let pressedAt = 0;
      const onKey = (event: KeyboardEvent) => {
        if (event.key !== 'Enter') return;
        pressedAt = event.timeStamp;
        removeEventListener('keydown', onKey, true);
      };
      addEventListener('keydown', onKey, true);
      const observer = new MutationObserver(() => {
        if (!log.lastElementChild?.textContent?.includes(wanted)) return;
        observer.disconnect();
        // A task that is posted in a frame runs once that frame was painted.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(performance.now() - pressedAt);
          port2.postMessage(undefined);
        });
      });
      observer.observe(log, { childList: true, subtree: true, characterData: true });
    });
  }, text);
  return { measured: () => page.evaluate(() => (window as Metered).painted ?? Number.NaN) };
};
