// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IProvisions} from "../interfaces/IProvisions.sol";
import {ITokenCustody} from "../interfaces/ITokenCustody.sol";
import {Holdings} from "../libraries/Holdings.sol";
import {Operators} from "./Operators.sol";

/// @title The terms of provisions
/// @dev A change of terms keeps the ones before it until `changesAt`, which is one old delay away. Until then the owner's thaws
/// take the longer delay of both, and everything of the delegators' goes by the old terms.
abstract contract ProvisionTerms is IProvisions, Operators {
    using Holdings for Holdings.Holding;

    bytes32 private constant SET_TERMS_TYPEHASH = keccak256(
        "SetTerms(uint32 id,uint32 service,uint40 thawSeconds,uint16 rewardCut,uint256 nonce,uint40 deadline)"
    );
    bytes32 private constant SET_ADJUDICATOR_TYPEHASH = keccak256(
        "SetAdjudicator(uint32 id,uint32 service,address adjudicator,bool accepted,uint256 nonce,uint40 deadline)"
    );
    uint40 private constant LONGEST_THAW_FACTOR = 4;
    uint16 private constant WHOLE = 10_000;
    uint40 private constant FOREVER = type(uint40).max;

    /// @dev One slot; all zero for the default terms.
    struct Terms {
        uint40 thawSeconds;
        uint40 oldThawSeconds;
        uint16 rewardCut;
        uint16 oldRewardCut;
        uint40 changesAt;
        uint32 version;
    }

    struct Acceptance {
        uint40 delegatedFrom;
        uint40 until;
    }

    /// @param thawing shares of all delegators that thaw
    /// @param generation raised when a slash takes all: delegations of older ones are void
    struct Pool {
        uint128 tokens;
        uint128 shares;
        uint128 thawing;
        uint32 generation;
    }

    struct State {
        Holdings.Holding own;
        Terms terms;
        Pool pool;
        mapping(address adjudicator => Acceptance) adjudicators;
        mapping(uint32 generation => mapping(address delegator => Holdings.Holding)) delegations;
    }

    /// @inheritdoc IProvisions
    uint40 public immutable thawSeconds;
    /// @inheritdoc IProvisions
    uint40 public immutable maximumThawSeconds;
    /// @inheritdoc IProvisions
    uint16 public immutable maximumRewardCut;

    mapping(uint32 id => mapping(uint32 service => State)) internal _provisions;

    constructor(uint40 thawSeconds_, uint16 maximumRewardCut_) {
        if (
            thawSeconds_ == 0 || thawSeconds_ > 3_650 days || creditSeconds == 0 || maximumRewardCut_ > WHOLE
        ) {
            revert BadParameters(thawSeconds_, creditSeconds, maximumRewardCut_);
        }
        thawSeconds = thawSeconds_;
        maximumThawSeconds = thawSeconds_ * LONGEST_THAW_FACTOR;
        maximumRewardCut = maximumRewardCut_;
    }

    /// @inheritdoc IProvisions
    function setTerms(
        uint32 id,
        uint32 service,
        uint40 thawSeconds_,
        uint16 rewardCut
    ) external onlyOwner(id) {
        _setTerms(id, service, thawSeconds_, rewardCut);
    }

    /// @inheritdoc IProvisions
    function setTermsFor(
        uint32 id,
        uint32 service,
        uint40 thawSeconds_,
        uint16 rewardCut,
        uint40 deadline,
        bytes calldata signature
    ) external {
        bytes memory head = abi.encode(SET_TERMS_TYPEHASH, id, service, thawSeconds_, rewardCut);
        _useOwnerSignature(id, head, deadline, signature);
        _setTerms(id, service, thawSeconds_, rewardCut);
    }

    /// @inheritdoc IProvisions
    function setAdjudicator(
        uint32 id,
        uint32 service,
        address adjudicator,
        bool accepted
    ) external onlyOwner(id) {
        _setAdjudicator(id, service, adjudicator, accepted);
    }

    /// @inheritdoc IProvisions
    function setAdjudicatorFor(
        uint32 id,
        uint32 service,
        address adjudicator,
        bool accepted,
        uint40 deadline,
        bytes calldata signature
    ) external {
        bytes memory head = abi.encode(SET_ADJUDICATOR_TYPEHASH, id, service, adjudicator, accepted);
        _useOwnerSignature(id, head, deadline, signature);
        _setAdjudicator(id, service, adjudicator, accepted);
    }

    /// @inheritdoc IProvisions
    function acceptance(
        uint32 id,
        uint32 service,
        address adjudicator
    ) external view returns (uint40 delegatedFrom, uint40 until) {
        Acceptance memory a = _provisions[id][service].adjudicators[adjudicator];
        return (a.delegatedFrom, a.until);
    }

    /// @inheritdoc IProvisions
    function provision(uint32 id, uint32 service) external view returns (Provision memory p) {
        State storage s = _provisions[id][service];
        Terms memory t = _terms(s);
        p.tokens = s.own.held;
        p.thawing = s.own.thawing;
        p.thawedAt = s.own.lastThawedAt();
        p.thawSeconds = _ownDelay(t);
        p.rewardCut = t.oldRewardCut;
        p.nextThawSeconds = t.thawSeconds;
        p.nextRewardCut = t.rewardCut;
        p.changesAt = t.changesAt;
        p.version = t.version;
        p.delegated = s.pool.tokens;
        p.delegatedShares = s.pool.shares;
    }

    /// @dev The terms as of now: without a change under way old and new are the same and `changesAt` is 0.
    function _terms(State storage s) internal view returns (Terms memory t) {
        t = s.terms;
        if (t.thawSeconds == 0) t.thawSeconds = thawSeconds;
        if (block.timestamp >= t.changesAt) {
            (t.oldThawSeconds, t.oldRewardCut, t.changesAt) = (t.thawSeconds, t.rewardCut, 0);
        }
    }

    /// @dev The delay of a thaw that the owner starts now.
    function _ownDelay(Terms memory t) internal pure returns (uint40) {
        return t.thawSeconds > t.oldThawSeconds ? t.thawSeconds : t.oldThawSeconds;
    }

    function _setTerms(uint32 id, uint32 service, uint40 thawSeconds_, uint16 rewardCut) private {
        if (thawSeconds_ < thawSeconds || thawSeconds_ > maximumThawSeconds)
            revert BadThawSeconds(thawSeconds_, thawSeconds, maximumThawSeconds);
        if (rewardCut > maximumRewardCut) revert BadRewardCut(rewardCut, maximumRewardCut);
        State storage s = _provisions[id][service];
        Terms memory t = _terms(s);
        if (t.changesAt != 0) revert TermsChanging(id, service, t.changesAt);

        (t.thawSeconds, t.rewardCut) = (thawSeconds_, rewardCut);
        bool empty = s.own.held == 0 && s.pool.shares == 0;
        if (!empty) t.changesAt = uint40(block.timestamp) + t.oldThawSeconds;
        ++t.version;
        s.terms = t;
        emit TermsSet(id, service, thawSeconds_, rewardCut, t.changesAt, t.version);
    }

    function _setAdjudicator(uint32 id, uint32 service, address adjudicator, bool accepted) private {
        if (adjudicator == address(0)) revert ITokenCustody.ZeroAddress();
        State storage s = _provisions[id][service];
        Acceptance memory a = s.adjudicators[adjudicator];
        if (accepted == (a.until == FOREVER)) revert AdjudicatorUnchanged(id, service, adjudicator);

        uint40 now_ = uint40(block.timestamp);
        uint40 delay = _ownDelay(_terms(s));
        if (!accepted) {
            a.until = now_ + delay;
        } else {
            if (a.until <= now_) a.delegatedFrom = s.pool.shares == 0 ? now_ : now_ + 2 * delay;
            a.until = FOREVER;
        }
        s.adjudicators[adjudicator] = a;
        uint32 version = ++s.terms.version;
        emit AdjudicatorSet(id, service, adjudicator, a.delegatedFrom, a.until, version);
    }
}
