import type { Fault } from '../fault.ts';
import { killAgainAndAgain } from './kill.ts';

export const killRealtime: Fault = {
  id: 'F3',
  title: 'kill -9 of one realtime node of two, again and again',
  recoveryMsMax: 5000,
  resumeP99MsMax: 5000,
  inject: (chaos) => killAgainAndAgain(chaos, 'realtime', chaos.isShort ? 3 : 20),
};
