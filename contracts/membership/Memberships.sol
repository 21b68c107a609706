// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry} from "../interfaces/IMembershipRegistry.sol";
import {MemberSlot, MemberSlots} from "../types/MemberSlot.sol";
import {MembershipLedger} from "./MembershipLedger.sol";

/// @dev The life of a membership: register, renew, exit, withdraw.
abstract contract Memberships is MembershipLedger {
    /// @inheritdoc IMembershipRegistry
    function register(
        uint256 idCommitment,
        uint16 rateLimit,
        address holder,
        uint32 home,
        uint256 maxPrice
    ) external nonReentrant returns (uint32) {
        return _register(msg.sender, idCommitment, rateLimit, holder, home, maxPrice);
    }

    /// @inheritdoc IMembershipRegistry
    function registerMany(
        Registration[] calldata registrations,
        uint256 maxPrice
    ) external nonReentrant returns (uint32 firstIndex) {
        if (registrations.length == 0) revert NoRegistrations();
        bytes32 head = ledger;
        firstIndex = uint32(uint256(head));
        uint256 limits;
        for (uint256 i = 0; i < registrations.length; ++i) {
            Registration calldata r = registrations[i];
            head = _add(head, r.idCommitment, r.rateLimit, r.holder, r.home);
            limits += r.rateLimit;
        }
        ledger = head;
        _takePrice(msg.sender, _price(limits), maxPrice);
    }

    /// @inheritdoc IMembershipRegistry
    function renew(uint256 idCommitment, address holder, uint256 maxPrice) external nonReentrant {
        _renew(msg.sender, idCommitment, holder, _members[idCommitment][holder], maxPrice);
    }

    /// @inheritdoc IMembershipRegistry
    function exit(uint256 idCommitment) external {
        _exit(idCommitment, msg.sender, _members[idCommitment][msg.sender]);
    }

    /// @inheritdoc IMembershipRegistry
    function withdraw(uint256 idCommitment, address holder) external nonReentrant {
        MemberSlot m = _members[idCommitment][holder];
        State state = m.state();
        if (state != State.Active && state != State.Exited)
            revert NotWithdrawable(idCommitment, holder, state, 0);
        uint256 ready =
            state == State.Exited ? m.withdrawableAt() : uint256(m.expiry()) + grace + exitDelay + 1;
        if (block.timestamp < ready) revert NotWithdrawable(idCommitment, holder, state, ready);

        _members[idCommitment][holder] = m.withState(State.Withdrawn);
        uint256 amount = _deposit(m.rateLimit());
        emit MemberWithdrawn(idCommitment, holder, amount);

        _payOut(holder, amount);
    }

    function _register(
        address payer,
        uint256 idCommitment,
        uint16 rateLimit,
        address holder,
        uint32 home,
        uint256 maxPrice
    ) internal returns (uint32 index) {
        bytes32 head = ledger;
        index = uint32(uint256(head));
        ledger = _add(head, idCommitment, rateLimit, holder, home);
        _takePrice(payer, _price(rateLimit), maxPrice);
    }

    /// @dev `m` is the member as stored.
    function _renew(
        address payer,
        uint256 idCommitment,
        address holder,
        MemberSlot m,
        uint256 maxPrice
    ) internal {
        _requireInTree(m, idCommitment, holder);
        m = m.withExpiry(m.expiry() + term);
        _members[idCommitment][holder] = m;
        bytes32 head = _record(RENEWED, idCommitment, holder, m);
        emit MemberRenewed(idCommitment, holder, m.index(), m.expiry(), head);

        _takePrice(payer, _fee(m.rateLimit()), maxPrice);
    }

    /// @dev `m` may have another nonce than the member as stored.
    function _exit(uint256 idCommitment, address holder, MemberSlot m) internal {
        _requireInTree(m, idCommitment, holder);
        m = m.withState(State.Exited).withWithdrawableAt(uint40(block.timestamp) + exitDelay);
        _members[idCommitment][holder] = m;
        bytes32 head = _record(EXITED, idCommitment, holder, m);
        emit MemberExited(idCommitment, holder, m.index(), head);
    }

    /// @dev Stores a new member and gives the ledger word that follows `head`. No index passes 2³² - 2.
    function _add(
        bytes32 head,
        uint256 idCommitment,
        uint16 rateLimit,
        address holder,
        uint32 home
    ) private returns (bytes32 next) {
        if (idCommitment == 0 || idCommitment >= FIELD) revert BadIdCommitment(idCommitment);
        if (rateLimit == 0 || rateLimit > MAX_RATE_LIMIT) revert BadRateLimit(rateLimit);
        if (holder == address(0)) revert ZeroAddress();
        uint256 index = uint256(head) & type(uint32).max; // clean, for the assembly below
        if (index == type(uint32).max) revert RegistryFull();
        _requireHome(home);
        mapping(address => MemberSlot) storage held = _members[idCommitment];
        if (held[holder].state() != State.None) revert AlreadyRegistered(idCommitment, holder);

        uint40 expiry = uint40(block.timestamp) + term;
        MemberSlot m = MemberSlots.create(rateLimit, uint32(index), home, expiry);
        held[holder] = m;
        next = _next(head, REGISTERED, idCommitment, holder, m);
        bytes32 topic = MemberRegistered.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // emit MemberRegistered(idCommitment, holder, index, rateLimit, expiry, home, next)
            let data := mload(0x40)
            mstore(data, index)
            mstore(add(data, 0x20), rateLimit)
            mstore(add(data, 0x40), expiry)
            mstore(add(data, 0x60), home)
            mstore(add(data, 0x80), next)
            log3(data, 0xa0, topic, idCommitment, holder)
        }
    }

    function _takePrice(address payer, uint256 cost, uint256 maxPrice) private {
        if (cost > maxPrice) revert PriceTooHigh(cost, maxPrice);
        _takeIn(payer, cost);
    }

    /// @dev Reverts unless the leaf of this member stands in the tree at this block.
    function _requireInTree(MemberSlot m, uint256 idCommitment, address holder) private view {
        if (m.state() != State.Active) revert NotActive(idCommitment, holder, m.state());
        uint256 end = uint256(m.expiry()) + grace;
        if (block.timestamp > end) revert TermOver(idCommitment, holder, end);
    }
}
