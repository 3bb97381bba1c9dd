/* The two players beside a comparison: the links in the table become buttons that jump to both places, and the page says
   where a browser cannot play what it gets. Without it the links open the sound at the same moment. */

const players = document.querySelector(".players");
const notice = players.querySelector(".notice");
const audios = [...players.querySelectorAll("audio")];

for (const link of document.querySelectorAll("a[data-seek]")) {
  const audio = document.getElementById(`speler-${link.dataset.player}`);
  const button = document.createElement("button");
  button.type = "button";
  button.className = link.className;
  button.textContent = link.textContent;
  button.addEventListener("click", () => {
    audios.filter((other) => other !== audio).forEach((other) => other.pause());
    audio.currentTime = Number(link.dataset.seek);
    audio.play();
  });
  link.replaceWith(button);
}

for (const audio of audios) {
  audio.addEventListener("error", () => {
    notice.textContent = players.dataset.failed;
    notice.hidden = false;
  });
}
