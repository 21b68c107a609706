// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMembershipRegistry} from "../interfaces/IMembershipRegistry.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";
import {MemberSlot} from "../types/MemberSlot.sol";

/// @dev What all parts of the registry share: parameters, the members, and the ledger word over their changes.
abstract contract MembershipLedger is IMembershipRegistry, TokenCustody {
    /// @dev Order of the BN254 scalar field.
    uint256 internal constant FIELD =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint16 internal constant MAX_RATE_LIMIT = 600;
    uint8 internal constant REGISTERED = 1;
    uint8 internal constant RENEWED = 2;
    uint8 internal constant EXITED = 3;
    uint8 internal constant SLASHED = 4;

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
    mapping(uint256 idCommitment => mapping(address holder => MemberSlot)) internal _members;

    constructor(IERC20 token_, IOperatorStaking staking_, Params memory params) TokenCustody(token_) {
        if (address(staking_) == address(0)) revert ZeroAddress();
        if (params.epochSeconds == 0 || params.term == 0) revert BadParams();
        if (params.commitMinBlocks == 0 || params.commitMaxAge == 0) revert BadParams();
        if (params.exitDelay <= uint256(params.rootWindow) + 3 * uint256(params.epochSeconds))
            revert BadParams();
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
    function memberCount() external view returns (uint32) {
        return uint32(uint256(ledger));
    }

    /// @inheritdoc IMembershipRegistry
    function member(uint256 idCommitment, address holder) external view returns (Member memory) {
        return _members[idCommitment][holder].unpack();
    }

    /// @inheritdoc IMembershipRegistry
    function price(uint16 rateLimit) external view returns (uint256 deposit, uint256 fee) {
        if (rateLimit == 0 || rateLimit > MAX_RATE_LIMIT) revert BadRateLimit(rateLimit);
        return (_deposit(rateLimit), _fee(rateLimit));
    }

    /// @inheritdoc IMembershipRegistry
    function rlnIdentifier() external view returns (bytes32) {
        return keccak256(abi.encodePacked("teahouse/rln/1", block.chainid, address(this)));
    }

    /// @dev Moves the ledger word on by one change of `m`, as `m` is after it.
    function _record(
        uint8 kind,
        uint256 idCommitment,
        address holder,
        MemberSlot m
    ) internal returns (bytes32 head) {
        head = _next(ledger, kind, idCommitment, holder, m);
        ledger = head;
    }

    /// @dev 28 bytes of keccak256(abi.encode(head, kind, index, idCommitment, holder, rateLimit, expiry)), in unused memory; then
    /// the number of members, which grows with REGISTERED. The caller keeps it below 2³².
    function _next(
        bytes32 head,
        uint256 kind,
        uint256 idCommitment,
        address holder,
        MemberSlot m
    ) internal pure returns (bytes32 next) {
        (uint256 index, uint256 rateLimit, uint256 expiry) = (m.index(), m.rateLimit(), m.expiry());
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, head)
            mstore(add(data, 0x20), kind)
            mstore(add(data, 0x40), index)
            mstore(add(data, 0x60), idCommitment)
            mstore(add(data, 0x80), shr(96, shl(96, holder)))
            mstore(add(data, 0xa0), rateLimit)
            mstore(add(data, 0xc0), expiry)
            let members := add(and(head, 0xffffffff), eq(kind, 1))
            next := or(shl(32, shr(32, keccak256(data, 0xe0))), members)
        }
    }

    /// @dev Reverts unless `home` is 0 or an operator.
    function _requireHome(uint32 home) internal view {
        if (home != 0 && staking.payeeOf(home) == address(0)) revert UnknownHome(home);
    }

    /// @dev Deposit and fee of a limit of 16 bits, or of the sum of many: far from an overflow.
    function _price(uint256 rateLimit) internal view returns (uint256) {
        unchecked {
            return (uint256(depositPerMessage) + feePerMessage) * rateLimit;
        }
    }

    function _deposit(uint256 rateLimit) internal view returns (uint256) {
        unchecked {
            return depositPerMessage * rateLimit;
        }
    }

    function _fee(uint256 rateLimit) internal view returns (uint256) {
        unchecked {
            return feePerMessage * rateLimit;
        }
    }
}
