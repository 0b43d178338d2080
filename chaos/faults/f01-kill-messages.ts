import type { Fault } from '../fault.ts';
import { killAgainAndAgain } from './kill.ts';

export const killMessages: Fault = {
  id: 'F1',
  title: 'kill -9 of messages, again and again',
  recoveryMsMax: 5000,
  inject: (chaos) => killAgainAndAgain(chaos, 'messages', chaos.isShort ? 3 : 20),
};
