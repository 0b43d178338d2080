import { type Config, withoutFaults } from '@chatapp/service/config';
import { productionFaults } from '@chatapp/service/production';
import type { settings } from './config.ts';

/** Refuses what is unsafe in production. All faults in one error, without values. */
export const checkConfig = (config: Config<typeof settings>) => withoutFaults(config, productionFaults(config));
