// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {PoseidonT2} from "poseidon-solidity/PoseidonT2.sol";
import {IMembershipRegistry} from "../interfaces/IMembershipRegistry.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";

/// @title RLN memberships
contract MembershipRegistry is IMembershipRegistry, TokenCustody {
    /// @dev Order of the BN254 scalar field.
    uint256 private constant FIELD =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint16 private constant MAX_RATE_LIMIT = 600;
    uint256 private constant FEE_BURN_DIVISOR = 10;
    uint8 private constant REGISTERED = 1;
    uint8 private constant RENEWED = 2;
    uint8 private constant EXITED = 3;
    uint8 private constant SLASHED = 4;

    struct Commitment {
        uint64 blockNumber;
        uint64 timestamp;
    }

    /// @inheritdoc IMembershipRegistry
    IOperatorStaking public immutable staking;
    /// @inheritdoc IMembershipRegistry
    uint40 public immutable epochSeconds;
    /// @inheritdoc IMembershipRegistry
    uint40 public immutable rootWindow;
    /// @inheritdoc IMembershipRegistry
    uint40 public immutable term;
    /// @inheritdoc IMembershipRegistry
    uint40 public immutable grace;
    /// @inheritdoc IMembershipRegistry
    uint40 public immutable exitDelay;
    /// @inheritdoc IMembershipRegistry
    uint32 public immutable commitMinBlocks;
    /// @inheritdoc IMembershipRegistry
    uint40 public immutable commitMaxAge;
    /// @inheritdoc IMembershipRegistry
    uint96 public immutable depositPerMessage;
    /// @inheritdoc IMembershipRegistry
    uint96 public immutable feePerMessage;

    /// @inheritdoc IMembershipRegistry
    bytes32 public ledger;
    /// @inheritdoc IMembershipRegistry
    uint32 public memberCount;
    mapping(uint256 idCommitment => mapping(address holder => Member)) private _members;
    mapping(address slasher => mapping(bytes32 commitment => Commitment)) private _commitments;

    constructor(IERC20 token_, IOperatorStaking staking_, Params memory params) TokenCustody(token_) {
        if (address(staking_) == address(0)) revert ZeroAddress();
        if (params.epochSeconds == 0 || params.term == 0 || params.commitMinBlocks == 0) revert BadParams();
        if (params.exitDelay <= params.rootWindow + 3 * params.epochSeconds) revert BadParams();
        staking = staking_;
        epochSeconds = params.epochSeconds;
        rootWindow = params.rootWindow;
        term = params.term;
        grace = params.grace;
        exitDelay = params.exitDelay;
        commitMinBlocks = params.commitMinBlocks;
        commitMaxAge = params.commitMaxAge;
        depositPerMessage = params.depositPerMessage;
        feePerMessage = params.feePerMessage;
    }

    /// @inheritdoc IMembershipRegistry
    function register(
        uint256 idCommitment,
        uint16 rateLimit,
        address holder,
        uint32 home,
        uint256 maxPrice
    ) external nonReentrant returns (uint32 index) {
        if (idCommitment == 0 || idCommitment >= FIELD) revert BadIdCommitment(idCommitment);
        if (rateLimit == 0 || rateLimit > MAX_RATE_LIMIT) revert BadRateLimit(rateLimit);
        if (holder == address(0)) revert ZeroAddress();
        if (home != 0 && staking.payeeOf(home) == address(0)) revert UnknownHome(home);
        uint256 cost = uint256(depositPerMessage + feePerMessage) * rateLimit;
        if (cost > maxPrice) revert PriceTooHigh(cost, maxPrice);
        Member storage m = _members[idCommitment][holder];
        if (m.state != State.None) revert AlreadyRegistered(idCommitment, holder);

        uint40 expiry = uint40(block.timestamp) + term;
        index = memberCount++;
        (m.state, m.rateLimit, m.index, m.home) = (State.Active, rateLimit, index, home);
        (m.expiry, m.claimedUntil) = (expiry, uint40(block.timestamp));
        bytes32 head = _record(REGISTERED, index, idCommitment, holder, rateLimit, expiry);
        emit MemberRegistered(idCommitment, holder, index, rateLimit, expiry, home, head);

        _takeIn(msg.sender, cost);
    }

    /// @inheritdoc IMembershipRegistry
    function renew(uint256 idCommitment, address holder, uint256 maxPrice) external nonReentrant {
        Member storage stored = _members[idCommitment][holder];
        Member memory m = stored;
        _requireInTree(m, idCommitment, holder);
        uint256 fee = uint256(feePerMessage) * m.rateLimit;
        if (fee > maxPrice) revert PriceTooHigh(fee, maxPrice);

        uint40 expiry = m.expiry + term;
        stored.expiry = expiry;
        bytes32 head = _record(RENEWED, m.index, idCommitment, holder, m.rateLimit, expiry);
        emit MemberRenewed(idCommitment, holder, m.index, expiry, head);

        _takeIn(msg.sender, fee);
    }

    /// @inheritdoc IMembershipRegistry
    function exit(uint256 idCommitment) external {
        Member storage stored = _members[idCommitment][msg.sender];
        Member memory m = stored;
        _requireInTree(m, idCommitment, msg.sender);

        stored.state = State.Exited;
        stored.withdrawableAt = uint40(block.timestamp) + exitDelay;
        bytes32 head = _record(EXITED, m.index, idCommitment, msg.sender, m.rateLimit, m.expiry);
        emit MemberExited(idCommitment, msg.sender, m.index, head);
    }

    /// @inheritdoc IMembershipRegistry
    function withdraw(uint256 idCommitment, address holder) external nonReentrant {
        Member storage stored = _members[idCommitment][holder];
        Member memory m = stored;
        if (m.state != State.Active && m.state != State.Exited)
            revert NotWithdrawable(idCommitment, holder, m.state, 0);
        uint256 ready =
            m.state == State.Exited ? m.withdrawableAt : uint256(m.expiry) + grace + exitDelay + 1;
        if (block.timestamp < ready) revert NotWithdrawable(idCommitment, holder, m.state, ready);

        stored.state = State.Withdrawn;
        uint256 amount = uint256(depositPerMessage) * m.rateLimit;
        emit MemberWithdrawn(idCommitment, holder, amount);

        _payOut(holder, amount);
    }

    /// @inheritdoc IMembershipRegistry
    function commitSlash(bytes32 commitment) external {
        Commitment storage made = _commitments[msg.sender][commitment];
        // A commitment that can still be revealed keeps its age.
        if (made.timestamp != 0 && block.timestamp < made.timestamp + commitMaxAge)
            revert AlreadyCommitted(commitment);
        _commitments[msg.sender][commitment] = Commitment(uint64(block.number), uint64(block.timestamp));
        emit SlashCommitted(commitment, msg.sender);
    }

    /// @inheritdoc IMembershipRegistry
    function slash(uint256 secret, address holder, bytes32 salt) external nonReentrant {
        if (secret >= FIELD) revert BadSecret(secret);
        _useCommitment(keccak256(abi.encode(block.chainid, address(this), msg.sender, secret, salt)));
        uint256 idCommitment = PoseidonT2.hash([secret]);
        Member storage stored = _members[idCommitment][holder];
        Member memory m = stored;
        if (m.state != State.Active && m.state != State.Exited)
            revert NotSlashable(idCommitment, holder, m.state);

        stored.state = State.Slashed;
        uint256 deposit = uint256(depositPerMessage) * m.rateLimit;
        uint256 rewarded = deposit / 2;
        uint256 burned = deposit - rewarded;
        bytes32 head = _record(SLASHED, m.index, idCommitment, holder, m.rateLimit, m.expiry);
        emit MemberSlashed(idCommitment, holder, m.index, secret, msg.sender, burned, rewarded, head);

        _payOut(BURNED, burned);
        _payOut(msg.sender, rewarded);
    }

    /// @inheritdoc IMembershipRegistry
    function claimFees(Key[] calldata keys) external nonReentrant returns (uint256 paid) {
        if (keys.length == 0) revert NoKeys();
        uint32 home = _members[keys[0].idCommitment][keys[0].holder].home;
        uint256 total;
        for (uint256 i = 0; i < keys.length; ++i) {
            Member storage m = _members[keys[i].idCommitment][keys[i].holder];
            if (m.home != home) revert DifferentHome(home, m.home);
            (uint40 from, uint40 to) = (m.claimedUntil, _streamedUntil(m.expiry));
            if (to <= from) continue;
            m.claimedUntil = to;
            total += _streamed(m.rateLimit, from, to);
        }
        address payee = home == 0 ? BURNED : staking.payeeOf(home);
        paid = home == 0 ? 0 : total - total / FEE_BURN_DIVISOR;
        emit FeesClaimed(home, payee, paid, total - paid);

        _payOut(BURNED, total - paid);
        _payOut(payee, paid);
    }

    /// @inheritdoc IMembershipRegistry
    function member(uint256 idCommitment, address holder) external view returns (Member memory) {
        return _members[idCommitment][holder];
    }

    /// @inheritdoc IMembershipRegistry
    function accruedFees(uint256 idCommitment, address holder) external view returns (uint256) {
        Member memory m = _members[idCommitment][holder];
        return _streamed(m.rateLimit, m.claimedUntil, _streamedUntil(m.expiry));
    }

    /// @inheritdoc IMembershipRegistry
    function slashCommitment(
        address slasher,
        bytes32 commitment
    ) external view returns (uint64 blockNumber, uint64 timestamp) {
        Commitment memory made = _commitments[slasher][commitment];
        return (made.blockNumber, made.timestamp);
    }

    /// @inheritdoc IMembershipRegistry
    function price(uint16 rateLimit) external view returns (uint256 deposit, uint256 fee) {
        if (rateLimit == 0 || rateLimit > MAX_RATE_LIMIT) revert BadRateLimit(rateLimit);
        return (uint256(depositPerMessage) * rateLimit, uint256(feePerMessage) * rateLimit);
    }

    /// @inheritdoc IMembershipRegistry
    function rlnIdentifier() external view returns (bytes32) {
        return keccak256(abi.encodePacked("teahouse/rln/1", block.chainid, address(this)));
    }

    /// @dev Moves the ledger hash on by one change.
    function _record(
        uint8 kind,
        uint32 index,
        uint256 idCommitment,
        address holder,
        uint16 rateLimit,
        uint40 expiry
    ) private returns (bytes32 head) {
        head = keccak256(abi.encode(ledger, kind, index, idCommitment, holder, rateLimit, expiry));
        ledger = head;
    }

    /// @dev Checks the caller's commitment and deletes it.
    function _useCommitment(bytes32 commitment) private {
        Commitment memory made = _commitments[msg.sender][commitment];
        if (made.timestamp == 0) revert UnknownCommitment(commitment);
        uint256 readyAt = uint256(made.blockNumber) + commitMinBlocks;
        if (block.number < readyAt) revert CommitmentTooYoung(commitment, readyAt);
        uint256 voidSince = uint256(made.timestamp) + commitMaxAge;
        if (block.timestamp >= voidSince) revert CommitmentTooOld(commitment, voidSince);
        delete _commitments[msg.sender][commitment];
    }

    /// @dev Reverts unless the leaf of this member stands in the tree at this block.
    function _requireInTree(Member memory m, uint256 idCommitment, address holder) private view {
        if (m.state != State.Active) revert NotActive(idCommitment, holder, m.state);
        uint256 end = uint256(m.expiry) + grace;
        if (block.timestamp > end) revert TermOver(idCommitment, holder, end);
    }

    function _streamedUntil(uint40 expiry) private view returns (uint40) {
        return block.timestamp < expiry ? uint40(block.timestamp) : expiry;
    }

    /// @dev The fee of `from` to `to`. A difference of two floors, so that the parts of a term add up to its fee exactly.
    function _streamed(uint256 rateLimit, uint256 from, uint256 to) private view returns (uint256) {
        uint256 fee = feePerMessage * rateLimit;
        return (fee * to) / term - (fee * from) / term;
    }
}
