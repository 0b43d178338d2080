import type { Fault } from '../fault.ts';
import { killAgainAndAgain } from './kill.ts';

export const killConversations: Fault = {
  id: 'F5',
  title: 'kill -9 of conversations, again and again',
  recoveryMsMax: 5000,
  inject: (chaos) => killAgainAndAgain(chaos, 'conversations', chaos.isShort ? 3 : 20),
};
