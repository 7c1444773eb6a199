"use strict";
const body = document.body, state = document.getElementById("state"), note = document.getElementById("note");
let version = "", shown = {};

// Show a list's parts: parts that didn't change stay as they are, with their selection and open details.
function show(name, parts) {
  const section = document.getElementById(name), list = section.querySelector(".list");
  const before = new Map([...list.children].map((each) => [each.dataset.key, each])), old = shown[name] || {};
  shown[name] = Object.fromEntries(parts);
  parts.forEach(([key, html], at) => {
    const article = before.get(key) || document.createElement("article");
    before.delete(key);
    article.dataset.key = key;
    if (old[key] !== html) {
      const open = Boolean(article.querySelector("details[open]"));
      article.innerHTML = html;
      if (open) article.querySelector("details").open = true;
    }
    if (list.children[at] !== article) list.insertBefore(article, list.children[at] || null);
  });
  before.forEach((each) => each.remove());
  section.querySelector("h2 i").textContent = document.querySelector(`nav a[href="#${name}"] i`).textContent =
    parts.filter(([key]) => !key.startsWith("channel-")).length;
}

// The element that scrolls a list: the list's own column, or the whole page on a phone.
function scroller(element) {
  for (let each = element; each; each = each.parentElement)
    if (/auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
  return document.scrollingElement;
}

// Keep what is being read where it is. Follow new messages of Slack's list if the last one can be seen.
function keeping(list, change) {
  const box = scroller(list), isPage = box === document.scrollingElement, last = list.lastElementChild;
  const top = isPage ? 0 : box.getBoundingClientRect().top;
  const follows = !isPage && list.closest("#slack") && (!last || last.getBoundingClientRect().top < top + box.clientHeight);
  const first = [...list.children].find((each) => each.getBoundingClientRect().bottom > top);
  const offset = first && first.getBoundingClientRect().top;
  change();
  if (follows && last !== list.lastElementChild) toLast(list, box);
  else if (first && first.isConnected && box.scrollTop > 0) box.scrollTop += first.getBoundingClientRect().top - offset;
}

async function update() {
  try {
    const answer = await fetch(`/parts?version=${encodeURIComponent(version)}`, { cache: "no-store" });
    if (answer.status === 200) {
      const news = await answer.json();
      version = news.version;
      document.getElementById("banner").innerHTML = news.banner;
      for (const [name, parts] of Object.entries(news.lists))
        keeping(document.querySelector(`#${name} .list`), () => show(name, parts));
    }
    body.classList.remove("gone");
    state.textContent = "Live";
  } catch {
    body.classList.add("gone");
    state.textContent = "The account is down. Start it with: cronmend local up";
  }
  setTimeout(update, 1000);
}

function say(text) {
  note.textContent = text;
  setTimeout(() => { if (note.textContent === text) note.textContent = ""; }, 6000);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  button.disabled = true;
  try {
    const content = JSON.stringify({ ts: button.dataset.ts, action: button.dataset.action });
    const headers = { "Content-Type": "application/json", "X-Token": body.dataset.token };
    say((await (await fetch("/click", { method: "POST", headers, body: content })).json()).message);
  } catch {
    say("The account didn't answer.");
  }
  button.disabled = false;
});

// Show a long message from its start.
function toLast(list, box) {
  const last = list.lastElementChild;
  if (last) last.scrollIntoView({ block: last.offsetHeight > box.clientHeight ? "start" : "end" });
}

const slack = document.querySelector("#slack .list");
if (scroller(slack) !== document.scrollingElement) toLast(slack, scroller(slack));
update();
