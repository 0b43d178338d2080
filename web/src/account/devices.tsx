import type { Device } from '@chatapp/contract/http-bff';
import { createSignal, For, onMount, Show } from 'solid-js';
import { everywhereUrl } from '../api/bff-api.ts';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { fullTimeOf, whenOf } from '../i18n/format.ts';
import { createAttempt } from '../ui/attempt.ts';
import { FormFault } from '../ui/form-fault.tsx';
import { Icon } from '../ui/icon.tsx';
import { deviceOf } from './device-name.ts';

/** Where I am signed in, and the ways to end that. */
export const Devices = () => {
  const { client } = useApp();
  const words = dialogText.accountPage;
  const [devices, setDevices] = createSignal<readonly Device[]>([]);
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault);
  const others = () => devices().filter(({ current }) => !current);
  const load = async () => setDevices((await client.bffApi.devices()).toSorted(byPlace));
  onMount(() => void attempt.run(load));
  const end = (act: () => Promise<void>) => {
    setFault('');
    void attempt.run(async () => {
      await act();
      await load();
    });
  };
  return (
    <section class="section" aria-label={words.devices}>
      <h3 class="section-title">{words.devices}</h3>
      <ul>
        <For each={devices()}>
          {(device) => (
            <DeviceRow
              device={device}
              busy={attempt.busy()}
              onEnd={() => end(() => client.bffApi.endDevice(device.id))}
            />
          )}
        </For>
      </ul>
      <FormFault text={fault()} />
      <Show when={others().length > 0}>
        <div class="act-row">
          <p class="form-help">{words.endOthersHelp}</p>
          <button
            type="button"
            class="button"
            disabled={attempt.busy()}
            onClick={() => end(client.bffApi.endOtherDevices)}
          >
            {words.endOthers}
          </button>
        </div>
      </Show>
      <div class="act-row">
        <p class="form-help">{words.everywhereHelp}</p>
        <button type="button" class="button" onClick={() => window.location.assign(everywhereUrl(client.logoutUrl))}>
          {words.everywhere}
        </button>
      </div>
    </section>
  );
};

const DeviceRow = (props: { device: Device; busy: boolean; onEnd: () => void }) => {
  const { now } = useApp();
  const words = dialogText.accountPage;
  const name = () => {
    const { browser, system } = deviceOf(props.device.userAgent);
    return words.device(browser, system);
  };
  const seenAt = () => Date.parse(props.device.lastSeenAt);
  return (
    <li class="sent-row">
      <Icon name="device" />
      <span class="sent-main">
        <span class="sent-name">{name()}</span>
        <span class="form-help" title={fullTimeOf(seenAt())}>
          {props.device.current ? words.thisDevice : words.lastSeen(whenOf(seenAt(), now()))}
        </span>
      </span>
      <Show when={!props.device.current}>
        <button
          type="button"
          class="text-button"
          aria-label={words.endNamed(name())}
          disabled={props.busy}
          onClick={() => props.onEnd()}
        >
          {words.end}
        </button>
      </Show>
    </li>
  );
};

/** This one first, then those that were used last. */
const byPlace = (a: Device, b: Device): number =>
  Number(b.current) - Number(a.current) || (a.lastSeenAt < b.lastSeenAt ? 1 : -1);
