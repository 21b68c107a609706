// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISigned} from "./ISigned.sol";

/// @title Retrieval: who promised to keep bytes shows any leaf of them when asked
/// @notice A node signs a receipt for content it takes. Its client may ask at any time of the term: it opens a challenge with a
/// bond, a later block draws one leaf, and the node answers with that leaf and its path, or is slashed. The tree over content
/// and the typed data are in docs/wire/receipt.md.
/// @dev *Griefing.* A client that asks for nothing pays: an answer earns its bond, three times the gas at opening. Only the
/// client can ask, one leaf at a time, so nobody can occupy a receipt for a node, nor crowd it. A challenge that nobody draws
/// lapses, and costs its opener the gas. Answers name no sender and pay the node, so copying one gains nothing. Whoever proposes
/// the drawing block can only give the block up. A client can't see a node's other receipts: slot and stake are the bound, and
/// first proven is first paid.
interface IRetrievalCourt is ISigned {
    /// @notice What a node signs (EIP-712): it keeps the content from `from` until before `until`.
    /// @param operator who promises
    /// @param client whom it is for: who may challenge, and who gets reward and penalty
    /// @param root of the tree over the content
    /// @param size of the content in bytes, at least 1
    /// @param from unix seconds of the signature; the signer is the operator's node key at that time
    /// @param until unix seconds; at most `maxTerm` after `from`
    /// @param liability the most that a fault costs, in the token's smallest unit, at least 1
    /// @param slot the receipt pledges the units from slot × liability until (slot + 1) × liability of the stake
    struct Receipt {
        uint32 operator;
        address client;
        bytes32 root;
        uint64 size;
        uint40 from;
        uint40 until;
        uint128 liability;
        uint32 slot;
    }

    /// @notice Where a receipt stands. Quiet: nobody asks. Open: waits for its draw. Drawn: waits for the answer. Convicted:
    /// slashed, for good.
    enum Stage {
        Quiet,
        Open,
        Drawn,
        Convicted
    }

    /// @param payer who brought the bond and gets it back
    /// @param bond in wei
    /// @param stage where the receipt stands
    /// @param drawBlock the block whose hash draws the leaf
    /// @param index the drawn leaf
    /// @param deadline last unix second to draw (Open), to answer (Drawn)
    /// @param endsAt unix seconds at which a notice ends the promise; 0 without one
    /// @param challenges how many were opened
    struct Case {
        address payer;
        uint96 bond;
        Stage stage;
        uint40 drawBlock;
        uint56 index;
        uint40 deadline;
        uint40 endsAt;
        uint32 challenges;
    }

    /// @param window seconds to draw, and again to answer
    /// @param noticeDelay seconds beyond one window until a notice takes effect
    /// @param maxTerm longest term of a receipt, in seconds
    /// @param rewardBps share of the operator's own loss that is paid as a reward, in basis points
    /// @param penaltyBps what a notice costs, in basis points of the liability
    struct Params {
        uint40 window;
        uint40 noticeDelay;
        uint40 maxTerm;
        uint16 rewardBps;
        uint16 penaltyBps;
    }

    event Challenged(
        bytes32 indexed id,
        uint32 indexed operator,
        address indexed client,
        address payer,
        uint96 bond,
        uint40 drawBlock,
        uint40 drawDeadline,
        uint32 number
    );
    event Drawn(bytes32 indexed id, uint32 indexed operator, uint56 index, uint40 deadline);
    /// @param node who was paid the bond
    event Answered(bytes32 indexed id, uint32 indexed operator, uint56 index, address node, uint96 bond);
    event Lapsed(bytes32 indexed id, uint32 indexed operator, address payer, uint96 bond);
    /// @notice Goes with `Convicted`.
    event Unanswered(bytes32 indexed id, uint32 indexed operator, uint56 index, address payer, uint96 bond);
    /// @notice Goes with `Convicted`.
    event PledgedTwice(bytes32 indexed first, bytes32 indexed second, uint32 indexed operator);
    event Ending(
        bytes32 indexed id,
        uint32 indexed operator,
        address indexed client,
        uint40 endsAt,
        uint128 penalty
    );

    /// @notice A receipt without content, liability, client or time, or of more than `maxTerm`.
    error BadReceipt(bytes32 id);
    /// @notice The promise holds only from `from` until before `until`.
    error NotInTerm(uint256 from, uint256 until);
    error NotClient(address client, address caller);
    error BondTooLow(uint256 bond, uint256 needed);
    /// @notice The receipt is in another stage than the call needs.
    error WrongStage(bytes32 id, Stage stage);
    /// @notice The hash of `drawBlock` isn't known yet.
    error TooEarlyToDraw(uint256 drawBlock, uint256 blockNumber);
    /// @notice The hash of `drawBlock` is out of reach, or `deadline` has passed.
    error TooLateToDraw(uint256 drawBlock, uint40 deadline);
    /// @notice The challenge can still be drawn.
    error NotLapsed(uint256 drawBlock, uint40 deadline);
    error TooLateToAnswer(uint40 deadline);
    /// @notice The node has until `deadline`.
    error StillTime(uint40 deadline);
    error WrongLeafSize(uint256 size, uint256 expected);
    error WrongPath(bytes32 root, uint56 index);
    error NotOwnerOrNode(uint32 operator, address caller);
    error AlreadyEnding(uint40 endsAt);
    /// @notice A notice would take effect at `endsAt`, when the promise has ended anyway.
    error EndsAnyway(uint40 endsAt, uint40 until);
    /// @notice The two receipts pledge different parts of the stake, or at different times, or are one.
    error NotPledgedTwice(bytes32 first, bytes32 second);

    /// @notice Client only: asks for a leaf, with a bond of at least `bondFor(size)` wei. One open challenge a receipt. The leaf
    /// is drawn from the block two blocks later.
    /// @param signature of the receipt, by the node key
    function challenge(
        Receipt calldata receipt,
        bytes calldata signature
    ) external payable returns (bytes32 id);

    /// @notice Like `challenge`, sent by anyone, who brings the bond and gets it back.
    /// @param clientSignature the client's (EOA or ERC-1271) over EIP-712
    /// `Challenge(bytes32 receipt,uint32 number,uint40 deadline)`, number = `caseOf(receipt).challenges`
    function challengeFor(
        Receipt calldata receipt,
        bytes calldata signature,
        uint40 deadline,
        bytes calldata clientSignature
    ) external payable returns (bytes32 id);

    /// @notice Fixes the leaf, from the block after `drawBlock` on, while that block is one of the last 256 and one window has
    /// not passed since the opening. Anyone may call.
    function draw(Receipt calldata receipt) external returns (uint56 index);

    /// @notice Closes a challenge that was not drawn in time; the bond goes back. Anyone may call.
    function lapse(Receipt calldata receipt) external;

    /// @notice Shows the drawn leaf, no later than one window after the draw; the operator's node key is paid the bond. Anyone
    /// may call, and so the node itself can draw and answer in one `multicall`.
    /// @param leaf 256 bytes, or the rest of the content in the last leaf
    /// @param path one hash for each level with a sibling, lowest first
    function answer(Receipt calldata receipt, bytes calldata leaf, bytes32[] calldata path) external;

    /// @notice Slashes for a challenge that was not answered; the client gets the reward, the payer its bond. Anyone may call.
    function convict(Receipt calldata receipt) external returns (uint128 slashed);

    /// @notice Slashes for two receipts that pledge one thing twice: their terms overlap, and they share a slot or a part of the
    /// stake. It costs both liabilities, and both receipts are used up. Anyone may call, until both terms have ended.
    /// @param beneficiary who gets the reward. A copied transaction can take it, but not the conviction: first proven, first paid
    function convictPledgedTwice(
        Receipt calldata first,
        bytes calldata firstSignature,
        Receipt calldata second,
        bytes calldata secondSignature,
        address beneficiary
    ) external returns (uint128 slashed);

    /// @notice Owner or node key: ends the promise one window and `noticeDelay` from now. The caller pays the client the penalty;
    /// until then, and for challenges opened until then, the promise stands.
    function giveNotice(Receipt calldata receipt) external returns (uint40 endsAt);

    /// @notice Like `giveNotice`, sent and paid by anyone.
    /// @param signature by owner (EOA or ERC-1271) or node key over EIP-712 `Notice(bytes32 receipt,uint40 deadline)`
    function giveNoticeFor(
        Receipt calldata receipt,
        address signer,
        uint40 deadline,
        bytes calldata signature
    ) external returns (uint40 endsAt);

    /// @notice Where the receipt with this id stands; zeros if nobody ever asked.
    function caseOf(bytes32 id) external view returns (Case memory);

    /// @notice Names a receipt: its EIP-712 struct hash.
    function receiptId(Receipt calldata receipt) external pure returns (bytes32);

    /// @notice The EIP-712 digest that the node key signs.
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32);

    /// @notice True if the receipt's slot is below stake ÷ liability, counting what stays slashable by this court until three
    /// windows after the term: to draw, to answer, to convict. Clients refuse other receipts.
    function isCovered(Receipt calldata receipt) external view returns (bool);

    /// @notice True if `leaf` is number `index` of the content of `size` bytes under `root`.
    function isLeaf(
        bytes32 root,
        uint64 size,
        uint64 index,
        bytes calldata leaf,
        bytes32[] calldata path
    ) external pure returns (bool);

    /// @notice Least bond, in wei, for content of `size` bytes: three times the gas of an answer at this block's base fee.
    function bondFor(uint64 size) external view returns (uint256);

    /// @notice Seconds to draw, and again to answer.
    function window() external view returns (uint40);

    /// @notice Seconds beyond one window until a notice takes effect.
    function noticeDelay() external view returns (uint40);

    /// @notice What a notice costs, in basis points of the liability, rounded up; at most 1,000.
    function penaltyBps() external view returns (uint16);
}
