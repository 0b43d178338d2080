import { afterAll, afterEach, beforeAll, expect } from 'bun:test';
import { type TestService, testService } from './service.ts';

/**
 * The real service for the tests of one file: it is there from their first hook on and ends after them. Its clock is put back after each test, and in the end
 * it must have told nothing that the contract does not describe.
 */
export const serviceForFile = (options?: Parameters<typeof testService>[0]): TestService => {
  const service = {} as TestService;
  beforeAll(async () => {
    Object.assign(service, await testService(options));
  }, 60_000);
  afterEach(() => {
    service.time.offsetMs = 0;
  });
  afterAll(async () => {
    expect(await service.unknownEvents()).toEqual([]);
    await service.close();
  });
  return service;
};
