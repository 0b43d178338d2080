import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';

/** My conversations could not be loaded, so that it is not known whether this is one of them. */
export const RoomUnloaded = () => {
  const { route, client } = useApp();
  return (
    <div class="empty">
      <h2>{text.room.unloaded}</h2>
      <p>{text.room.unloadedHelp}</p>
      <button type="button" class="button button-primary" onClick={client.loadLists}>
        {text.room.again}
      </button>
      <button type="button" class="button" onClick={() => route.go('/', { replace: true })}>
        {text.room.back}
      </button>
    </div>
  );
};
