"""The page for marks: for one browser of this machine, and nobody else."""

import http.client
import socket
import threading
from urllib.parse import quote, urlencode

import pytest
from click.testing import CliRunner
from records_of_a_class import ADA, BEN, CYD, DAN, EVIL, mark, read

from labkit.cli import main
from labkit.grading.book.gradebook import open_gradebook
from labkit.grading.hashes import identity
from labkit.grading.reports.manual import queue
from labkit.grading.reports.marking import MarkingServer


@pytest.fixture
def server(grades):
    server = MarkingServer(grades)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(server, path="", method="GET", form=None, token=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    address = f"/{server.token if token is None else token}/{quote(path)}"
    body = urlencode(form) if form else None
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(
        method, address, body, {name.replace("_", "-"): headers[name] for name in headers}
    )
    response = connection.getresponse()
    content = response.read().decode()
    connection.close()
    return response.status, content, response.headers


def name_of(record, item="q_a"):
    return f"{identity(record['student'])}.01.{item}"


def marks(server):
    with open_gradebook(server.grades) as gradebook:
        return {
            identity: {item: mark["points"] for item, mark in given.items()}
            for (identity, _), given in gradebook.marks().items()
        }


def test_the_queue_holds_what_waits_and_all_answers_to_a_question_side_by_side(server):
    status, page, _ = ask(server)
    assert status == 200
    reader = read(page)
    assert "3 answers wait for a mark. " in reader.said
    assert "script" not in reader.elements
    assert page.count("q_a</a>") == 3
    assert "conv1d" not in page
    status, page, _ = ask(server, "all")
    assert page.count("conv1d</a>") == 3


def test_a_mark_is_stored_and_the_next_answer_to_the_same_question_comes(server):
    status, page, _ = ask(server, name_of(BEN))
    assert status == 200
    assert EVIL[:25] in "".join(read(page).said)
    assert "script" not in read(page).elements
    form = {"do": "enter", "points": "1,5", "comment": "because\r\n<b>"}
    status, _, headers = ask(server, name_of(BEN), "POST", form)
    assert status == 303
    assert "q_a" in headers["Location"]
    assert marks(server) == {identity(BEN["student"]): {"q_a": 1.5}}
    status, page, _ = ask(server, name_of(BEN))
    assert 'value="1.5"' in page
    assert "because\n&lt;b&gt;</textarea>" in page
    status, _, _ = ask(server, name_of(BEN), "POST", {"do": "take back"})
    assert status == 303
    assert marks(server) == {}


@pytest.mark.parametrize("points", ["", "x", "3", "-1", "nan", "inf", "1e999"])
def test_a_mark_that_cannot_be_is_said_and_what_was_typed_stays(server, points):
    form = {"do": "enter", "points": points, "comment": "typed"}
    status, page, _ = ask(server, name_of(ADA), "POST", form)
    assert status == 400
    assert "q_a: expected 0 to 2 points" in page
    assert ">typed</textarea>" in page
    assert marks(server) == {}


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("x" * 32, {}),
        ("é", {}),
        (None, {"Host": "evil.example"}),
        (None, {"Host": "evil.example:80"}),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_token_or_from_elsewhere_nothing_is_shown_or_done(
    server, token, headers, method
):
    token = quote(token) if token is not None else None
    form = {"do": "enter", "points": "1"} if method == "POST" else None
    status, page, _ = ask(server, name_of(ADA), method, form, token, **headers)
    assert status == 403
    assert "ada" not in page
    assert server.token not in page
    assert marks(server) == {}


def test_a_page_from_elsewhere_cannot_send_a_form(server):
    form = {"do": "enter", "points": "1"}
    for origin in ("http://evil.example", "null", "", "http://127.0.0.1:1"):
        status, _, _ = ask(server, name_of(ADA), "POST", form, Origin=origin)
        assert status == 403
    assert marks(server) == {}
    own = f"http://127.0.0.1:{server.server_port}"
    assert ask(server, name_of(ADA), "POST", form, Origin=own)[0] == 303


def test_it_says_no_more_than_it_must(server):
    _, _, headers = ask(server)
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Server"].strip() == "labkit"
    assert ask(server, "nobody.01.q_a")[0] == 404
    assert ask(server, "../../etc/passwd")[0] == 404
    assert ask(server, name_of(ADA), "POST", {"comment": "x" * 70_000})[0] == 413
    assert server.server_address[0] == "127.0.0.1"


def test_an_answer_that_changed_since_comes_back(server):
    mark(server.grades, ADA, "q_a", 1)
    with open_gradebook(server.grades) as gradebook:
        assert [item.record["student"] for item in queue(gradebook)] == [BEN["student"], "cyd"]
        questions = [ADA["questions"][0] | {"text": "another"}, ADA["questions"][1]]
        gradebook.store(ADA | {"questions": questions})
        [first, *_] = queue(gradebook)
        assert (first.record["student"], first.changed) == ("ada", True)
        assert first.mark["points"] == 1
    assert "but the answer has changed since" in ask(server)[1]


def test_what_the_machine_could_not_judge_waits_for_a_person(server):
    exercises = [CYD["exercises"][0] | {"earned": None}, CYD["exercises"][1]]
    with open_gradebook(server.grades) as gradebook:
        gradebook.store(CYD | {"exercises": exercises, "status": "machine error", "total": None})
        assert "conv1d" in [item.id for item in queue(gradebook)]
        gradebook.store(DAN)


def test_the_command(grades, monkeypatch):
    def run(*arguments):
        return CliRunner().invoke(main, ["mark", *map(str, arguments)])

    done = run(grades, "--list")
    assert done.exit_code == 3
    assert done.output.splitlines()[0] == "q_a\t2\t'ada'"
    for record in (ADA, BEN, CYD):
        mark(grades, record, "q_a", 1)
    assert run(grades, "--list").exit_code == 0
    assert run(grades.parent / "none.csv", "--list").exit_code == 1
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(grades, "--port", taken.getsockname()[1])
    assert done.exit_code == 1
    assert "in use" in done.stderr

    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(MarkingServer, "serve_forever", stop)
    done = run(grades, "--no-browser")
    assert done.exit_code == 0
    assert done.output.startswith("Marks are entered at http://127.0.0.1:")
