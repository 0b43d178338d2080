import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Blocked } from './blocked.tsx';
import { Devices } from './devices.tsx';
import { MyData } from './my-data.tsx';
import { Profile } from './profile.tsx';

/** My account: who I am to others, where I am signed in, whom I blocked, and what is kept of me. */
const AccountDialog = () => {
  const { openDialog } = useApp();
  return (
    <Dialog title={dialogText.accountPage.title} onClose={() => openDialog(undefined)}>
      <div class="sections">
        <Profile />
        <Devices />
        <Blocked />
        <MyData />
      </div>
    </Dialog>
  );
};
export default AccountDialog;
